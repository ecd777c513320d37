import { type Claim, overlaps, parseBlock } from '../base/block.ts';
import { deviceOf, type Entry, type KernelState } from './entry.ts';
import type { Plan } from './plan.ts';
import { SETS } from './ruleset.ts';

/** What has to be known before something of another cluster is taken away. */
export interface Gates {
  /** Clusters that this node shall reach. */
  readonly clusters: ReadonlySet<string>;
  /** Of these, whose nodes have been heard completely in this process's life. */
  readonly synced: ReadonlySet<string>;
  /** To which cluster an entry belongs that this process has planned before, by its key. */
  readonly owners: ReadonlyMap<string, string>;
  /** Clusters whose brake an operator has released. */
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

/** Taking away more of a cluster's routes than this in one go looks like a mistake of somebody's. */
const BRAKE = { share: 0.25, least: 8 } as const;

/**
 * Which of the entries that are there and not planned have to stay. An agent that starts knows nothing of its peers
 * and would cut every connection; and a store that was emptied by mistake would be believed everywhere at once.
 */
export function heldBack(plan: Plan, observed: KernelState, gates: Gates): Held[] {
  const { ofNobody, ofClusters } = unplanned(plan, observed, gates.owners);
  if (ofNobody.length === 0 && ofClusters.size === 0) return [];
  const kept = keptRoutes(plan);
  const reached = new Set(
    Array.from(plan.entries.values(), ({ entry }) => (entry.kind === 'route' ? entry.destination : '')),
  );
  const held: Held[] = [];
  for (const [cluster, entries] of ofClusters) {
    // One of several routes to the same block is no loss.
    const lost = entries.filter(one => one.kind === 'route' && !reached.has(one.destination)).length;
    const why = reasonToHold(cluster, lost, kept.get(cluster) ?? 0, gates);
    if (why !== undefined) held.push({ cluster, why, entries });
  }
  // What is nobody's, a device, say, may be what theirs cannot be without.
  const why = reasonToHoldUnknown(gates) ?? held[0]?.why;
  if (why !== undefined && ofNobody.length > 0) held.push({ why, entries: ofNobody });
  return withoutTaken(held, plan);
}

interface Unplanned {
  readonly ofNobody: readonly Entry[];
  readonly ofClusters: ReadonlyMap<string, readonly Entry[]>;
}

/** What is there and neither planned nor replaced, by whose it was. */
function unplanned(plan: Plan, observed: KernelState, owners: Gates['owners']): Unplanned {
  const others = [...observed].filter(([key]) => !plan.entries.has(key));
  if (others.length === 0) return { ofNobody: [], ofClusters: new Map() };
  const places = new Set(Array.from(plan.entries.values(), ({ entry }) => placeOf(entry)));
  const ofNobody: Entry[] = [];
  const ofClusters = new Map<string, Entry[]>();
  for (const [key, entry] of others) {
    const place = placeOf(entry);
    if (place !== undefined && places.has(place)) continue;
    const cluster = owners.get(key);
    if (cluster === undefined) ofNobody.push(entry);
    else if (ofClusters.get(cluster)?.push(entry) === undefined) ofClusters.set(cluster, [entry]);
  }
  return { ofNobody, ofClusters };
}

/**
 * What the node has of its own is there for other clusters as well, but for which ones nobody wrote down. Where another
 * of the same place is planned, it is replaced; where none is, the device or table is to go, and all that is on it.
 */
function placeOf(entry: Entry): string | undefined {
  switch (entry.kind) {
    case 'link':
      return `device ${entry.name}`;
    case 'sysctl':
    case 'address':
    case 'wireguard':
      return `device ${deviceOf(entry)}`;
    case 'rule':
      return `${entry.family} table ${entry.table ?? ''}`;
    default:
      return undefined;
  }
}

/** What nobody knows may belong to any cluster that has not been heard yet. */
function reasonToHoldUnknown({ clusters, synced, unnamed = false }: Gates): Held['why'] | undefined {
  return !unnamed && [...clusters].every(one => synced.has(one)) ? undefined : 'Unsynced';
}

function reasonToHold(
  cluster: string,
  lost: number,
  kept: number,
  { clusters, synced, released, unnamed = false }: Gates,
): Held['why'] | undefined {
  // The operator gave it up, unless it is one of those that have no name now: a RemoteCluster can lose its id.
  if (!clusters.has(cluster)) return unnamed ? 'Unsynced' : undefined;
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
