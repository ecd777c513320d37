import type { DataPath } from '../objects/node-annotations.ts';

export interface PathFacts {
  /** What the node has published. */
  readonly published: ReadonlyMap<string, DataPath>;
  /** Clusters that somebody is asked of, with what came of it so far. */
  readonly asked: ReadonlyMap<string, DataPath | undefined>;
  /** Clusters that this node shall reach; undefined: not known yet. */
  readonly clusters: ReadonlySet<string> | undefined;
  /** Of these, whose nodes have been heard completely in this process's life. */
  readonly synced: ReadonlySet<string>;
}

/**
 * What the node shall say of its paths. Whoever starts knows nothing, and to take back what was said would move
 * traffic for nothing: it stands until there is something new to say, or nobody to be asked.
 */
export function pathsToPublish({ published, asked, clusters, synced }: PathFacts): Map<string, DataPath> {
  const found = new Map<string, DataPath>();
  for (const cluster of clusters ?? published.keys()) {
    const before = synced.has(cluster) && !asked.has(cluster) ? undefined : published.get(cluster);
    const verdict = asked.get(cluster) ?? before;
    if (verdict !== undefined) found.set(cluster, verdict);
  }
  return found;
}

/**
 * Of a cluster with several address families: up while packets of one get through, for clients that have two addresses
 * try both (RFC 8305).
 */
export function verdictOfAll(verdicts: readonly (DataPath | undefined)[]): DataPath | undefined {
  if (verdicts.includes('up')) return 'up';
  return verdicts.length > 0 && verdicts.every(verdict => verdict === 'down') ? 'down' : undefined;
}
