import type { Mesh } from '../mesh/mesh.ts';
import type { MeshChange } from '../mesh/model.ts';
import type { Logger } from '../ops/log.ts';
import type { SourceMetrics } from '../ops/metrics.ts';

/**
 * Where the objects of the clusters come from. A source keeps a Mesh equal to what it reads, says what changed, and
 * never takes a state back because it cannot read for a while: the last good one stays.
 */
export interface RecordSource {
  /** As the operator wrote it, `directory:mesh`. */
  readonly name: string;
  /** The state of all clusters as last read. Only for looking at: the source alone writes to it. */
  readonly mesh: Mesh;
  /**
   * Resolves after the first full load.
   * @throws CausewayError SOURCE_UNREADABLE where there is nothing to read from
   */
  start(): Promise<void>;
  /** Nothing reaches the sink after this has resolved. */
  stop(): Promise<void>;
}

/** Where a source delivers. Called synchronously; a batch belongs together and holds whole services. */
export interface SourceSink {
  /** Something changed. A large load comes in several batches, so that queries are answered in between. */
  changed(change: MeshChange): void;
  /** Once, when the first full load is in: from here on, what is not known does not exist. */
  synced(): void;
}

export interface SourceOptions {
  /** Id of the cluster that asks. */
  readonly localCluster?: string;
  readonly sink: SourceSink;
  readonly log: Logger;
  readonly metrics: SourceMetrics;
}
