import { CausewayError, messageOf } from '../base/errors.ts';
import type { AddressFamily } from '../base/ip.ts';
import { ApiError } from '../kube/api-error.ts';
import type { ApiClient } from '../kube/client.ts';
import type { Logger } from '../ops/log.ts';
import type { Announcements } from './announcements.ts';
import { CredentialRenewal } from './credential-renewal.ts';
import type { LocalState } from './local-state.ts';
import { RemoteNodeWriter } from './nodes/remote-node-writer.ts';
import type { Routing } from './nodes/routing.ts';
import { Reconciler } from './reconciler.ts';
import type { RemoteClusters } from './remote-clusters.ts';
import { RemoteStatuses } from './remote-statuses.ts';
import { type LagOfRemote, WriteLag } from './write-lag.ts';
import { Writer, type Writes } from './writer.ts';

export interface TermOptions {
  readonly client: ApiClient;
  /** The controller's own. */
  readonly namespace: string;
  readonly state: LocalState;
  readonly remotes: RemoteClusters;
  readonly routing: Routing;
  readonly families: readonly AddressFamily[];
  readonly concurrency: number;
  readonly writes: Writes;
  /** Whether this process leads at this very moment. */
  readonly leads: () => boolean;
  readonly announcements: Announcements;
  readonly sha256: (text: string) => Uint8Array;
  readonly now: () => string;
  readonly log: Logger;
}

/** One time of leading: everything that writes, from the moment when it may to the moment when it no longer may. */
export class Term {
  readonly #options: TermOptions;
  readonly #reconciler: Reconciler;
  readonly #statuses: RemoteStatuses;
  readonly #credentials: CredentialRenewal;
  readonly #nodes: RemoteNodeWriter;
  readonly #lag = new WriteLag(() => performance.now());

  constructor(options: TermOptions) {
    const { client, state, remotes, families, concurrency, writes, leads, announcements } = options;
    const { namespace, sha256, now } = options;
    const writer = new Writer(leads, writes);
    this.#options = options;
    this.#reconciler = new Reconciler({
      client,
      state,
      localFamilies: families,
      tools: { sha256, now },
      concurrency,
      writer,
      lag: this.#lag,
      remark: remark => announcements.remark(remark),
      failed: (key, reason) => {
        this.#failed(`service ${key}`, reason);
        if (!(reason instanceof ApiError)) return;
        const { request } = state.mesh.ownPartsOf(state.cluster, key);
        announcements.notWritten(
          request === undefined ? 'ServiceImport' : 'ServiceExport',
          key,
          reason.message,
        );
      },
    });
    this.#statuses = new RemoteStatuses({
      client,
      state,
      remotes,
      now,
      writer,
      told: ({ name, uid }, condition) => announcements.remoteChanged(name, uid, condition),
      failed: (name, reason) => this.#failed(`status of RemoteCluster ${name}`, reason),
    });
    this.#credentials = new CredentialRenewal({
      client,
      namespace,
      state,
      writer,
      renewed: (remote, until) => announcements.credentialRenewed(remote, until),
      failed: (remote, until, reason) => {
        this.#failed(`credential for RemoteCluster ${remote.name}`, reason);
        announcements.credentialNotRenewed(remote, until, messageOf(reason));
      },
    });
    this.#nodes = new RemoteNodeWriter({
      ...{ client, writer, now, concurrency, routing: options.routing, cluster: state.cluster },
      failed: (name, reason) =>
        this.#failed(name === '' ? 'verdicts on RemoteNodes' : `RemoteNode ${name}`, reason),
    });
    announcements.lead(true);
    this.#credentials.changed();
    for (const key of state.keys) this.#reconciler.add(key);
    for (const name of state.remoteClusters.keys()) this.#statuses.changed(name);
  }

  /** @param remote the remote cluster that the news came from; undefined: from this one */
  add(key: string, remote?: string): void {
    if (remote !== undefined) this.#lag.heard(key, remote);
    this.#reconciler.add(key);
  }

  lagOf(remote: string): LagOfRemote {
    return this.#lag.of(remote);
  }

  remoteChanged(name: string): void {
    this.#statuses.changed(name);
  }

  /** RemoteClusters, or the Secrets that they name, may be others than before. */
  remotesChanged(): void {
    this.#credentials.changed();
  }

  /** What writes RemoteNodes. */
  get nodes(): RemoteNodeWriter {
    return this.#nodes;
  }

  get counts(): Reconciler['counts'] {
    return this.#reconciler.counts;
  }

  async stop(): Promise<void> {
    this.#options.announcements.lead(false);
    const parts = [this.#reconciler, this.#statuses, this.#credentials, this.#nodes];
    await Promise.all(parts.map(part => part.stop()));
  }

  /** That the API server is away is told once, by who reads from it. */
  #failed(what: string, reason: unknown): void {
    const { log } = this.#options;
    const away = reason instanceof CausewayError && reason.code === 'API_UNREACHABLE';
    log[away ? 'debug' : 'warn']({ err: reason }, `${what} could not be written; it is tried again`);
  }
}
