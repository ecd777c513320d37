import type { Plan } from './plan.ts';

/** Taking away more of a cluster's blocks than this looks like a mistake of somebody's. */
const BRAKE = { share: 0.25, least: 8 } as const;

/**
 * Whether so much of a cluster would be gone that somebody has to say first that it is meant.
 *
 * @param lost blocks that are there and would not be reached any more
 * @param kept blocks of the cluster that will be
 * @param most blocks that it is known to have had
 */
export function isTooMuch(lost: number, kept: number, most = 0): boolean {
  const before = Math.max(most, lost + kept);
  return lost > 0 && before - kept > Math.max(BRAKE.least, before * BRAKE.share);
}

/** To which clusters the blocks belong that are reached. Of this node's own: undefined. */
export function reachedBlocks({ entries }: Plan): Map<string, string | undefined> {
  const reached = new Map<string, string | undefined>();
  for (const { entry, cluster } of entries.values())
    if (entry.kind === 'route') reached.set(entry.destination, cluster);
  return reached;
}

export function blocksPerCluster(reached: ReadonlyMap<string, string | undefined>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const cluster of reached.values())
    if (cluster !== undefined) counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
  return counts;
}
