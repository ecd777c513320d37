import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';
import type { ApiClient } from '../kube/client.ts';
import { LeaderElection } from '../kube/lease.ts';
import { RESOURCES } from '../kube/resource.ts';
import { Mesh } from '../mesh/mesh.ts';
import { clusterPropertyReader } from '../objects/cluster-property.ts';
import { CLUSTER_ID_PROPERTY } from '../objects/names.ts';
import { Problems } from '../objects/problem.ts';
import type { Part } from '../ops/lifecycle.ts';
import type { Logger } from '../ops/log.ts';
import { Announcements } from './announcements.ts';
import { localFamilies } from './families.ts';
import type { HealthLimits } from './health.ts';
import { LocalCluster } from './local-cluster.ts';
import { LocalState } from './local-state.ts';
import { Memory } from './memory.ts';
import type { Writes } from './reconciler.ts';
import { RemoteClusters } from './remote-clusters.ts';
import { Term } from './term.ts';

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

/** Milliseconds between two looks at this cluster's own id. */
const ID_CHECK = 5_000;

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
    const { client, namespace, log } = this.#options;
    const cluster = await this.#ownId();
    if (cluster === undefined) return;
    log.info({ cluster }, 'this cluster');
    const state = new LocalState(cluster, new Mesh({ localCluster: cluster }), {
      service: key => this.#touched(key),
      namespace: name => this.#namespaceChanged(name),
      remotes: () => this.#remotesChanged(),
    });
    const memory = new Memory();
    const announcements = this.#announcements;
    const local = new LocalCluster({ client, state, memory, namespace, announcements, sha256, log });
    this.#state = state;
    this.#local = local;
    local.start();
    await local.whenSynced;
    const families = await this.#families();
    if (this.#stopped.signal.aborted || families === undefined) return;
    const { limits } = this.#options;
    const remotes = new RemoteClusters({
      state,
      limits,
      touched: key => this.#touched(key),
      changed: name => this.#term?.remoteChanged(name),
      log,
    });
    remotes.recall(memory);
    memory.forget();
    remotes.update();
    this.#remotes = remotes;
    await this.#elect(
      () =>
        new Term({
          ...this.#options,
          state,
          remotes,
          families,
          announcements,
          writes: this.writes,
          sha256,
          now,
        }),
    );
    void this.#watchOwnId(cluster);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#local?.stop();
    await this.#term?.stop();
    await this.#election?.stop();
    await this.#remotes?.stop();
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

  /** Undefined: this process does not lead. */
  get term(): Term | undefined {
    return this.#term;
  }

  async #elect(begin: () => Term): Promise<void> {
    const { client, namespace, identity, log } = this.#options;
    const gained = (): void => {
      this.#term = begin();
    };
    const lost = (): void => {
      void this.#term?.stop();
      this.#term = undefined;
    };
    if (identity === undefined) {
      gained();
      return;
    }
    const parts = { client, namespace, name: 'causeway-controller', identity, log };
    this.#election = new LeaderElection({ ...parts, gained, lost });
    await this.#election.start();
  }

  #touched(key: string): void {
    this.#term?.add(key);
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
      for (const key of this.#state?.restricted ?? []) this.#touched(key);
    });
  }

  async #families() {
    const { client, namespace, log } = this.#options;
    return this.#eventually(
      () => localFamilies(client, namespace),
      fault =>
        log.warn(
          { err: fault },
          'cannot find out which IP families Services of this cluster can have; trying again',
        ),
    );
  }

  /** Undefined: the controller was stopped first. */
  async #ownId(): Promise<string | undefined> {
    const { log } = this.#options;
    return this.#eventually(
      async () => {
        const id = await this.#askOwnId();
        if (id !== undefined) return id;
        throw new Error(
          `there is no ClusterProperty ${CLUSTER_ID_PROPERTY}; create it with this cluster's id, unique in the set, as its value`,
        );
      },
      fault => log.warn(`waiting for this cluster's id: ${messageOf(fault)}`),
    );
  }

  async #askOwnId(): Promise<string | undefined> {
    const raw = await this.#options.client.get(RESOURCES.clusterProperties, { name: CLUSTER_ID_PROPERTY });
    return raw && clusterPropertyReader.read(raw, new Problems(() => ''))?.value;
  }

  /** Everything written bears the id, so a cluster that gets another one begins anew (KEP-2149: it is immutable while a member). */
  async #watchOwnId(cluster: string): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#pause(ID_CHECK);
      const id = await this.#askOwnId().catch(() => undefined);
      if (id === undefined || id === cluster || this.#stopped.signal.aborted) continue;
      this.#options.log.error(
        { cluster, now: id },
        "this cluster's id has changed: the controller ends, to start anew with it",
      );
      this.#options.fatal();
      return;
    }
  }

  async #eventually<T>(attempt: () => Promise<T>, failed: (fault: unknown) => void): Promise<T | undefined> {
    let told: string | undefined;
    while (!this.#stopped.signal.aborted) {
      try {
        return await attempt();
      } catch (fault) {
        if (messageOf(fault) !== told) failed(fault);
        told = messageOf(fault);
      }
      await this.#pause(RETRY);
    }
    return undefined;
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#stopped.signal }).catch(() => {});
  }
}

/** Milliseconds before what keeps the controller from starting is tried again. */
const RETRY = 1_000;

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** RFC 3339 in whole seconds, as `metav1.Time` has it. */
function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
