import type { Conflict, InvalidExport, MeshChange, MeshSizes } from '../mesh/model.ts';
import type { Logger } from '../ops/log.ts';
import type { SourceMetrics } from '../ops/metrics.ts';

/**
 * Where the objects of the clusters come from. A source keeps what it makes of them equal to what it reads, says what
 * changed, and never takes a state back because it cannot read for a while: the last good one stays.
 */
export interface RecordSource {
  /** As the operator wrote it, `directory:mesh`. */
  readonly name: string;
  /** The cluster set as last handed on. Only for looking at. */
  readonly mesh: MeshView;
  /** Id of the cluster that asks; undefined: nobody has said. When it changes, all services are handed on once more. */
  readonly localCluster: string | undefined;
  /** Undefined: as far as is known, what was handed on is true. Else since when it may not be. */
  readonly staleSince: Date | undefined;
  /**
   * Resolves after the first full load.
   * @throws CausewayError where there is nothing to read from
   */
  start(): Promise<void>;
  /** Nothing reaches the sink after this has resolved. */
  stop(): Promise<void>;
}

/** What there is to see of a cluster set, however it was come by. */
export interface MeshView {
  /** Ids, in order. */
  readonly clusters: readonly string[];
  readonly sizes: MeshSizes;
  /** Only where the source merges the exports itself; else the ServiceExports bear them as conditions. */
  readonly conflicts?: readonly Conflict[];
  readonly invalidExports?: readonly InvalidExport[];
}

/** Where a source delivers. Called synchronously; a batch belongs together and holds whole services. */
export interface SourceSink {
  /** Something changed. A large load comes in several batches, so that queries are answered in between. */
  changed(change: MeshChange): void;
  /** Once, when the first full load is in: from here on, what is not known does not exist. */
  synced(): void;
}

export interface SourceOptions {
  /** Id of the cluster that asks; undefined: whatever the source says, if it says anything. */
  readonly localCluster?: string | undefined;
  /** Path of the kubeconfig of an API server; undefined: where one usually is. */
  readonly kubeconfig?: string | undefined;
  /** Directory for what has to outlive the process; undefined: nothing does. */
  readonly stateDir?: string | undefined;
  readonly sink: SourceSink;
  readonly log: Logger;
  readonly metrics: SourceMetrics;
}
