import { type Claim, overlaps, parseBlock } from '../base/block.ts';
import type { Entry, EntryKind, KernelState } from './entry.ts';
import type { Plan } from './plan.ts';
import { SETS } from './ruleset.ts';

/** What has to be known before something of another cluster is taken away. */
export interface Gates {
  /** Clusters that this node shall reach. What belongs to any other was given up by the operator. */
  readonly clusters: ReadonlySet<string>;
  /** Of these, whose nodes have been heard completely in this process's life. */
  readonly synced: ReadonlySet<string>;
  /** To which cluster an entry belongs that this process has planned before, by its key. */
  readonly owners: ReadonlyMap<string, string>;
  /** Clusters whose brake an operator, or time, has released. */
  readonly released: ReadonlySet<string>;
  /** Whether there are clusters besides that this node shall reach, of which it is not known which they are. */
  readonly unnamed?: boolean;
}

/** What shall not be there and stays nevertheless. */
export interface Held {
  /** Absent: of nobody that this process knows. */
  readonly cluster?: string;
  readonly why: 'Unsynced' | 'Brake';
  readonly entries: readonly Entry[];
}

/** Kinds that are there for other clusters. Those of the node itself follow the plan at once. */
const GATED: ReadonlySet<EntryKind> = new Set(['element', 'forwarding', 'neighbour', 'peer', 'route']);

/** Taking away more of a cluster's routes than this in one go looks like a mistake of somebody's. */
const BRAKE = { share: 0.25, least: 8 } as const;

/**
 * Which of the entries that are there and not planned have to stay. An agent that starts knows nothing of its peers
 * and would cut every connection; and a store that was emptied by mistake would be believed everywhere at once.
 */
export function heldBack(plan: Plan, observed: KernelState, gates: Gates): Held[] {
  const byCluster = new Map<string | undefined, Entry[]>();
  for (const [key, entry] of observed) {
    if (plan.entries.has(key) || !GATED.has(entry.kind)) continue;
    const cluster = gates.owners.get(key);
    const entries = byCluster.get(cluster);
    if (entries) entries.push(entry);
    else byCluster.set(cluster, [entry]);
  }
  if (byCluster.size === 0) return [];
  const kept = keptRoutes(plan);
  const reached = new Set(
    Array.from(plan.entries.values(), ({ entry }) => (entry.kind === 'route' ? entry.destination : '')),
  );
  const held: Held[] = [];
  for (const [cluster, entries] of byCluster) {
    // One of several routes to the same block is no loss.
    const lost = entries.filter(one => one.kind === 'route' && !reached.has(one.destination)).length;
    const why = reasonToHold(cluster, lost, kept.get(cluster) ?? 0, gates);
    if (why !== undefined) held.push({ ...(cluster === undefined ? {} : { cluster }), why, entries });
  }
  return withoutTaken(held, plan);
}

function reasonToHold(
  cluster: string | undefined,
  lost: number,
  kept: number,
  { clusters, synced, released, unnamed = false }: Gates,
): Held['why'] | undefined {
  // What nobody knows may belong to any cluster that has not been heard yet.
  if (cluster === undefined)
    return !unnamed && [...clusters].every(one => synced.has(one)) ? undefined : 'Unsynced';
  if (!clusters.has(cluster)) return undefined;
  if (!synced.has(cluster)) return 'Unsynced';
  const most = Math.max(BRAKE.least, (lost + kept) * BRAKE.share);
  return lost > most && !released.has(cluster) ? 'Brake' : undefined;
}

/** How many routes each cluster has in the plan. */
function keptRoutes({ entries }: Plan): Map<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (const { entry, cluster } of entries.values())
    if (entry.kind === 'route') counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
  return counts;
}

/** A set of blocks cannot hold two that overlap: what is planned goes before what only stays. */
function withoutTaken(held: readonly Held[], plan: Plan): Held[] {
  const blocksOf = (entries: Iterable<Entry>, fixed: boolean): Claim<Entry>[] =>
    Array.from(entries).flatMap(entry => {
      if (entry.kind !== 'element' || !SETS[entry.set].blocks) return [];
      const block = parseBlock(entry.block);
      return block === undefined ? [] : [{ block, by: entry, fixed }];
    });
  const staying = blocksOf(
    held.flatMap(({ entries }) => entries),
    false,
  );
  if (staying.length === 0) return [...held];
  const planned = blocksOf(
    Array.from(plan.entries.values(), ({ entry }) => entry),
    true,
  );
  const taken = new Set<Entry>();
  for (const set of Object.keys(SETS)) {
    const ofSet = (claim: Claim<Entry>): boolean => claim.by.kind === 'element' && claim.by.set === set;
    for (const { lost } of overlaps([...planned, ...staying].filter(ofSet))) taken.add(lost.by);
  }
  return held.map(one => ({ ...one, entries: one.entries.filter(entry => !taken.has(entry)) }));
}
