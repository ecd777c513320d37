import { type Claim, overlaps, parseBlock } from '../base/block.ts';
import { deviceOf, type Entry, type KernelState } from './entry.ts';
import type { Plan } from './plan.ts';
import { SETS } from './ruleset.ts';

/** Something that may change what this node shall reach, and of which is not known what it says. */
export interface Unknown {
  /** `RemoteNode west.n1 cannot be read`. */
  readonly what: string;
  /** Absent: it may be about any, also about one that nobody else speaks of. */
  readonly cluster?: string;
}

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
  readonly unknown?: readonly Unknown[];
}

/** What shall not be there and stays nevertheless. */
export interface Held {
  /** Absent: of nobody that this process knows. */
  readonly cluster?: string;
  readonly why: 'Unsynced' | 'Brake';
  /** What is not known; or the clusters of which somebody has to say that so many nodes are gone for good. */
  readonly waitsFor: readonly string[];
  readonly entries: readonly Entry[];
}

type Reason = Pick<Held, 'why' | 'waitsFor'>;

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
    const reason = reasonToHold(cluster, lost, kept.get(cluster) ?? 0, gates);
    if (reason !== undefined) held.push({ cluster, ...reason, entries });
  }
  // What is nobody's, a device, say, may be what theirs cannot be without.
  const reason = reasonToHoldUnknown(gates) ?? held[0];
  if (reason !== undefined && ofNobody.length > 0)
    held.push({ why: reason.why, waitsFor: reason.waitsFor, entries: ofNobody });
  return withoutTaken(held, plan);
}

interface Unplanned {
  readonly ofNobody: readonly Entry[];
  readonly ofClusters: ReadonlyMap<string, readonly Entry[]>;
}

/** What is there and neither planned nor replaced, by whose it was. */
function unplanned(plan: Plan, observed: KernelState, owners: Gates['owners']): Unplanned {
  const others: [string, Entry][] = [];
  for (const [key, entry] of observed) if (!plan.entries.has(key)) others.push([key, entry]);
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
function reasonToHoldUnknown({ clusters, synced, unknown = [] }: Gates): Reason | undefined {
  if (unknown.length === 0 && [...clusters].every(one => synced.has(one))) return undefined;
  return { why: 'Unsynced', waitsFor: unknown.map(({ what }) => what) };
}

function reasonToHold(
  cluster: string,
  lost: number,
  kept: number,
  { clusters, synced, released, unknown = [] }: Gates,
): Reason | undefined {
  const isReached = clusters.has(cluster);
  // Of one that is not reached any more it may be the name: a RemoteCluster can lose its id.
  const about = unknown.filter(one => one.cluster === cluster || (one.cluster === undefined && !isReached));
  if (about.length > 0 || (isReached && !synced.has(cluster)))
    return { why: 'Unsynced', waitsFor: about.map(({ what }) => what) };
  const most = Math.max(BRAKE.least, (lost + kept) * BRAKE.share);
  return isReached && lost > most && !released.has(cluster)
    ? { why: 'Brake', waitsFor: [cluster] }
    : undefined;
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
