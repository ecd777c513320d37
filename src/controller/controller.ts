import { createHash } from 'node:crypto';
import type { ApiClient } from '../kube/client.ts';
import { LeaderElection } from '../kube/lease.ts';
import { Mesh } from '../mesh/mesh.ts';
import { CLUSTER_ID_PROPERTY } from '../objects/names.ts';
import type { Part } from '../ops/lifecycle.ts';
import type { Logger } from '../ops/log.ts';
import { Announcements } from './announcements.ts';
import { eventually } from './eventually.ts';
import { localFamilies } from './families.ts';
import type { HealthLimits } from './health.ts';
import { LocalCluster } from './local-cluster.ts';
import { LocalState } from './local-state.ts';
import { Memory } from './memory.ts';
import { Routing } from './nodes/routing.ts';
import { changeOfId, ownId } from './own-id.ts';
import { RemoteClusters } from './remote-clusters.ts';
import { Term } from './term.ts';
import type { Writes } from './writer.ts';

export interface ControllerOptions {
  readonly client: ApiClient;
  /** The controller's own: where its Lease and the Secrets of RemoteClusters lie. */
  readonly namespace: string;
  readonly limits: HealthLimits;
  /** Services worked on at once. */
  readonly concurrency: number;
  /** Who we are among the replicas; undefined: there are none, so no leader is elected. */
  readonly identity: string | undefined;
  readonly log: Logger;
  /** Called when this process must end, for it can only start anew. */
  readonly fatal: () => void;
}

/**
 * The controller of one cluster:
 *
 *     local API server ─► LocalCluster ─┐                  ┌─► Reconciler ─► local API server
 *     remote API servers ─► RemoteClusters ─► Mesh ─► plan ┤
 *     (one RemoteCluster each)                             └─► RemoteStatuses
 *
 * Every replica reads, so that the next leader knows everything at once; only the leader (a `Term`) writes.
 */
export class Controller implements Part {
  readonly name = 'controller';
  readonly writes: Writes = { ok: 0, failed: 0 };
  readonly #options: ControllerOptions;
  readonly #stopped = new AbortController();
  readonly #announcements: Announcements;
  #local: LocalCluster | undefined;
  #remotes: RemoteClusters | undefined;
  #routing: Routing | undefined;
  #state: LocalState | undefined;
  #election: LeaderElection | undefined;
  #term: Term | undefined;
  #updating = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#announcements = new Announcements(options.client, options.identity, options.log);
  }

  /** Resolves when everything this cluster knows is known here, and what it imports is being followed. */
  async start(): Promise<void> {
    const { client, log } = this.#options;
    const { signal } = this.#stopped;
    const cluster = await ownId(client, log, signal);
    if (cluster === undefined) return;
    log.info({ cluster }, 'this cluster');
    const state = await this.#readOwnCluster(cluster);
    const families = await this.#families();
    if (families === undefined) return;
    const routing = this.#startRouting(state);
    const remotes = this.#followRemotes(state, routing);
    const { identity } = this.#options;
    const leads = () => this.#election?.leading ?? identity === undefined;
    const parts = { ...this.#options, state, remotes, routing, families, leads };
    const begin = () =>
      new Term({ ...parts, announcements: this.#announcements, writes: this.writes, sha256, now });
    await this.#elect(begin);
    void this.#endWithId(cluster);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#local?.stop();
    await this.#term?.stop();
    await this.#election?.stop();
    await Promise.all([this.#remotes?.stop(), this.#routing?.stop()]);
    this.#options.client.close();
  }

  /** Undefined: nothing speaks against it being ready. */
  get reasonAgainst(): string | undefined {
    if (this.#local === undefined) return `no ClusterProperty ${CLUSTER_ID_PROPERTY} was found yet`;
    const { unsynced } = this.#local;
    if (unsynced.length > 0) return `not read in full yet: ${unsynced.join(', ')}`;
    return this.#remotes === undefined ? 'remote clusters are being recalled' : undefined;
  }

  get state(): LocalState | undefined {
    return this.#state;
  }

  get remotes(): RemoteClusters | undefined {
    return this.#remotes;
  }

  get routing(): Routing | undefined {
    return this.#routing;
  }

  /** Undefined: this process does not lead. */
  get term(): Term | undefined {
    return this.#term;
  }

  /** Resolves when all that this cluster's API server knows is known here. */
  async #readOwnCluster(cluster: string): Promise<LocalState> {
    const { client, namespace, log } = this.#options;
    const state = new LocalState(cluster, new Mesh({ localCluster: cluster }), {
      service: key => this.#touched(key),
      namespace: name => this.#namespaceChanged(name),
      remotes: () => this.#remotesChanged(),
    });
    const announcements = this.#announcements;
    this.#state = state;
    this.#local = new LocalCluster({ client, state, namespace, announcements, sha256, log });
    this.#local.start();
    await this.#local.whenSynced;
    return state;
  }

  /** Nothing waits for it: where nodes cannot be read, services are imported all the same. */
  #startRouting(state: LocalState): Routing {
    const { client, log } = this.#options;
    this.#routing = new Routing({
      ...{ client, log, sha256, remoteClusters: state.remoteClusters },
      touched: name => this.#term?.nodes.touched(name),
      moved: () => this.#term?.nodes.moved(),
      pathChanged: name => this.#remotes?.pathChanged(name),
    });
    this.#routing.start();
    return this.#routing;
  }

  #followRemotes(state: LocalState, routing: Routing): RemoteClusters {
    const { limits, log } = this.#options;
    const touched = (key: string, remote: string) => this.#touched(key, remote);
    const changed = (name: string) => this.#term?.remoteChanged(name);
    this.#remotes = new RemoteClusters({ state, routing, limits, touched, changed, log });
    this.#remotes.update();
    return this.#remotes;
  }

  async #elect(begin: () => Term): Promise<void> {
    const { client, namespace, identity, log } = this.#options;
    if (identity === undefined) return this.#begin(begin, this.#stopped.signal);
    const gained = (signal: AbortSignal) => void this.#begin(begin, signal);
    const lost = (): void => {
      void this.#term?.stop();
      this.#term = undefined;
    };
    const parts = { client, namespace, name: 'causeway-controller', identity, log };
    this.#election = new LeaderElection({ ...parts, gained, lost });
    await this.#election.start();
  }

  /**
   * Nothing is written before it is known what the last leader had heard of the clusters: this process may never have
   * reached one of them, and would take its services away.
   */
  async #begin(begin: () => Term, leading: AbortSignal): Promise<void> {
    const { client, log } = this.#options;
    const signal = AbortSignal.any([leading, this.#stopped.signal]);
    const failed = (fault: unknown): void =>
      log.warn(
        { err: fault },
        'cannot read what was last heard of other clusters; nothing is written until then',
      );
    const memory = await eventually(() => Memory.read(client, signal), failed, signal);
    if (memory === undefined || signal.aborted) return;
    this.#remotes?.recall(memory);
    this.#term = begin();
  }

  #touched(key: string, remote?: string): void {
    this.#term?.add(key, remote);
    const { federated } = this.#state ?? {};
    if (federated === undefined || federated.size === 0) return;
    const namespace = key.slice(0, key.indexOf('/') + 1);
    for (const other of federated) if (other.startsWith(namespace) && other !== key) this.#term?.add(other);
  }

  #namespaceChanged(name: string): void {
    const state = this.#state;
    if (state === undefined) return;
    for (const key of state.keysIn(name)) this.#touched(key);
    for (const key of state.restricted) this.#touched(key);
  }

  /** Gathered: a full list of RemoteClusters and Secrets brings one update, not one for each. */
  #remotesChanged(): void {
    if (this.#updating || this.#remotes === undefined) return;
    this.#updating = true;
    setImmediate(() => {
      this.#updating = false;
      this.#remotes?.update();
      this.#routing?.update();
      this.#term?.remotesChanged();
      for (const key of this.#state?.restricted ?? []) this.#touched(key);
    });
  }

  async #families() {
    const { client, namespace, log } = this.#options;
    const failed = (fault: unknown): void =>
      log.warn(
        { err: fault },
        'cannot find out which IP families Services of this cluster can have; trying again',
      );
    return eventually(() => localFamilies(client, namespace), failed, this.#stopped.signal);
  }

  /** Everything written bears the id, so a cluster that gets another one begins anew. */
  async #endWithId(cluster: string): Promise<void> {
    const { client, log, fatal } = this.#options;
    const id = await changeOfId(client, cluster, this.#stopped.signal);
    if (id === undefined) return;
    log.error(
      { cluster, now: id },
      "this cluster's id has changed: the controller ends, to start anew with it",
    );
    fatal();
  }
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** RFC 3339 in whole seconds, as `metav1.Time` has it. */
function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
