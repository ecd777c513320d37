import { WorkQueue } from '../base/queue.ts';
import { mergeConditions } from '../desired/conditions.ts';
import type { ApiClient } from '../kube/client.ts';
import { apiVersionOf, RESOURCES } from '../kube/resource.ts';
import { sameData } from '../mesh/equal.ts';
import type { Condition, RemoteClusterObject, RemoteClusterStatus } from '../objects/shapes.ts';
import { systemClock } from '../ops/clock.ts';
import type { LocalState } from './local-state.ts';
import type { RemoteClusters } from './remote-clusters.ts';
import { ROUTE_CONDITIONS, remoteConditionsOf } from './remote-conditions.ts';
import type { Writer } from './writer.ts';

export interface RemoteStatusesOptions {
  readonly client: ApiClient;
  readonly state: LocalState;
  readonly remotes: RemoteClusters;
  readonly now: () => string;
  readonly writer: Writer;
  /** A condition says something else than before. */
  readonly told: (remote: RemoteClusterObject, condition: Condition) => void;
  readonly failed: (name: string, reason: unknown) => void;
}

/**
 * Milliseconds for which news of a cluster is gathered: a cluster that is being read changes its count all the time.
 */
const GATHER = 500;

/** Writes into the status of RemoteClusters what is known of them. Lives as long as this process leads. */
export class RemoteStatuses {
  readonly #options: RemoteStatusesOptions;
  readonly #queue: WorkQueue;
  readonly #stopped = new AbortController();

  constructor(options: RemoteStatusesOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      clock: systemClock,
      random: Math.random,
      concurrency: 4,
      work: name => this.#write(name),
      failed: options.failed,
    });
  }

  changed(name: string): void {
    const { state, remotes } = this.#options;
    const { clusterId, conditions = [] } = state.remoteClusters.get(name)?.status ?? {};
    const said = conditions.find(({ type }) => type === 'Serving')?.status !== 'False';
    // By its id the next controller recalls what this one imports, so it has to be written before that is. And DNS
    // daemons go by whether it serves.
    const isUrgent =
      remotes.importsOf(name)?.cluster !== clusterId || (remotes.reportOf(name)?.serving ?? said) !== said;
    if (isUrgent) this.#queue.add(name);
    else this.#queue.addAfter(name, GATHER);
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('the controller stops writing'));
    await this.#queue.stop();
  }

  async #write(name: string): Promise<void> {
    const { client, state, writer, told } = this.#options;
    const actual = state.remoteClusters.get(name);
    const status = this.#statusOf(name);
    if (actual === undefined || status === undefined || sameData(status, oursOf(actual.status, status)))
      return;
    const manifest = {
      apiVersion: apiVersionOf(RESOURCES.remoteClusters),
      kind: RESOURCES.remoteClusters.kind,
      metadata: { name },
      status,
    };
    const place = { name, subresource: 'status' } as const;
    const failed = await writer.attempt(async () => {
      await client.apply(RESOURCES.remoteClusters, place, manifest, this.#stopped.signal);
    });
    if (failed !== undefined) throw failed.fault;
    for (const condition of status.conditions) {
      const before = actual.status.conditions.find(({ type }) => type === condition.type);
      if (before?.status !== condition.status || before.reason !== condition.reason) told(actual, condition);
    }
  }

  #statusOf(name: string): RemoteClusterStatus | undefined {
    const { state, remotes, now } = this.#options;
    const actual = state.remoteClusters.get(name)?.status;
    const report = remotes.reportOf(name);
    if (actual === undefined || report === undefined) return undefined;
    const clusterId = remotes.importsOf(name)?.cluster;
    return {
      ...(clusterId === undefined ? {} : { clusterId }),
      conditions: mergeConditions(remoteConditionsOf(report.facts), actual.conditions, now),
      services: remotes.importsOf(name)?.services ?? 0,
    };
  }
}

/** A status without the conditions of others, in the order in which we write ours. */
function oursOf(actual: RemoteClusterStatus, { conditions }: RemoteClusterStatus): RemoteClusterStatus {
  // One that is ours, and that nobody wants any more, is a difference.
  const types = new Set([...conditions.map(({ type }) => type), ...ROUTE_CONDITIONS]);
  const ours = [...types].flatMap(type => actual.conditions.find(held => held.type === type) ?? []);
  return { ...actual, conditions: ours };
}
