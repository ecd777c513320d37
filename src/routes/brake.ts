import { perObject } from '../base/per-object.ts';
import type { PlannedEntries } from './plan.ts';

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
export function reachedBlocks({ entries }: PlannedEntries): ReadonlyMap<string, string | undefined> {
  const reached = new Map<string, string | undefined>();
  for (const { entry, cluster } of entries.values())
    if (entry.kind === 'route') reached.set(entry.destination, cluster);
  return reached;
}

export const blocksPerCluster = perObject((plan: PlannedEntries): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const cluster of reachedBlocks(plan).values())
    if (cluster !== undefined) counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
  return counts;
});

/** Milliseconds for which it is remembered at least how many blocks a cluster had; twice as long at most. */
const MEMORY = 600_000;

/** How many blocks of each cluster were reached at most, in this process's life. */
export interface Memory {
  /** When `now` began. */
  readonly since: number;
  readonly now: ReadonlyMap<string, number>;
  /** Of as long a time as `MEMORY` is, until `since`. */
  readonly before: ReadonlyMap<string, number>;
}

export const NO_MEMORY: Memory = { since: 0, now: new Map(), before: new Map() };

/**
 * What is remembered after a look at the kernel.
 *
 * @param blocks that are reached now, per cluster
 * @param fades what was before does not matter any more for this cluster: it is meant that so many are gone
 * @param time milliseconds of a clock that never goes back
 */
export function withBlocks(
  { since, now, before }: Memory,
  blocks: ReadonlyMap<string, number>,
  fades: (cluster: string) => boolean,
  time: number,
): Memory {
  const kept = (counts: ReadonlyMap<string, number>) => [...counts].filter(([cluster]) => !fades(cluster));
  if (time - since >= MEMORY) return { since: time, now: new Map(blocks), before: new Map(kept(now)) };
  const most = new Map(kept(now));
  for (const [cluster, count] of blocks) most.set(cluster, Math.max(count, most.get(cluster) ?? 0));
  return { since, now: most, before: new Map(kept(before)) };
}

/** The most blocks that the cluster is remembered to have had. */
export function mostBlocks({ now, before }: Memory, cluster: string): number {
  return Math.max(now.get(cluster) ?? 0, before.get(cluster) ?? 0);
}
