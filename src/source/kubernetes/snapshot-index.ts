import type { Pace } from '../pace.ts';
import { ImportIndex } from './import-index.ts';
import { readSnapshot } from './snapshot-file.ts';

/** What a snapshot held, ready to be delivered from. */
export interface SnapshotIndex {
  readonly index: ImportIndex;
  readonly written: Date;
}

/**
 * Reads a snapshot into an index of its own. Undefined: there is none.
 *
 * @param localCluster the cluster that we are in, if the operator has said so; another one's snapshot is no good here
 * @throws Error that says what is wrong with it
 */
export async function snapshotIndex(
  path: string,
  localCluster: string | undefined,
  pace: Pace,
): Promise<SnapshotIndex | undefined> {
  const snapshot = await readSnapshot(path, pace);
  if (snapshot === undefined) return undefined;
  const { cluster, objects, written } = snapshot;
  if (localCluster !== undefined && cluster !== undefined && cluster !== localCluster) {
    throw new Error(`is of cluster ${cluster}, and this is ${localCluster}`);
  }
  const index = new ImportIndex();
  for (const object of objects) {
    index.put(object);
    if (pace.due) await pace.breathe();
  }
  return { index, written };
}
