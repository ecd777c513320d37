import { perObject } from '../base/per-object.ts';
import { blocksPerCluster, isTooMuch, type Memory, mostBlocks, NO_MEMORY, reachedBlocks } from './brake.ts';
import { enclosed } from './enclosed.ts';
import { deviceOf, type Entry, type KernelState } from './entry.ts';
import type { PlannedEntries } from './plan.ts';

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
  readonly owners: { get(key: string): string | undefined };
  /** Clusters whose brake an operator has released. */
  readonly released: ReadonlySet<string>;
  readonly unknown?: readonly Unknown[];
  /** Absent: nothing is remembered. */
  readonly memory?: Memory;
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

/**
 * Which of the entries that are there and not planned have to stay. An agent that starts knows nothing of its peers
 * and would cut every connection; and a store that was emptied by mistake would be believed everywhere at once.
 */
export function heldBack(plan: PlannedEntries, unplanned: KernelState, gates: Gates): Held[] {
  if (unplanned.size === 0) return [];
  const { ofNobody, ofClusters } = byOwner(plan, unplanned, gates.owners);
  const reached = reachedBlocks(plan);
  const kept = blocksPerCluster(plan);
  const held: Held[] = [];
  for (const [cluster, entries] of ofClusters) {
    const reason = reasonToHold(cluster, lostBlocks(entries, reached), kept.get(cluster) ?? 0, gates);
    if (reason !== undefined) held.push({ cluster, ...reason, entries });
  }
  const reason = reasonToHoldUnknown(lostBlocks(ofNobody, reached), kept, gates) ?? standsUnder(held);
  if (reason !== undefined && ofNobody.length > 0) held.push({ ...reason, entries: ofNobody });
  return withoutEnclosed(held, plan);
}

/** One of several routes to the same block is no loss. */
function lostBlocks(entries: readonly Entry[], reached: ReadonlyMap<string, unknown>): number {
  const lost = entries.flatMap(one =>
    one.kind === 'route' && !reached.has(one.destination) ? [one.destination] : [],
  );
  return new Set(lost).size;
}

/** What is nobody's, a device, say, may be what that of clusters cannot be without. */
function standsUnder(held: readonly Held[]): Reason | undefined {
  const why = held[0]?.why;
  return why && { why, waitsFor: held.flatMap(({ waitsFor }) => waitsFor) };
}

interface Unplanned {
  readonly ofNobody: readonly Entry[];
  readonly ofClusters: ReadonlyMap<string, readonly Entry[]>;
}

/** What is not replaced, by whose it was. */
function byOwner(plan: PlannedEntries, unplanned: KernelState, owners: Gates['owners']): Unplanned {
  const ofNobody: Entry[] = [];
  const ofClusters = new Map<string, Entry[]>();
  for (const [key, entry] of unplanned) {
    const place = placeOf(entry);
    if (place !== undefined && placesIn(plan).has(place)) continue;
    const cluster = owners.get(key);
    if (cluster === undefined) ofNobody.push(entry);
    else if (ofClusters.get(cluster)?.push(entry) === undefined) ofClusters.set(cluster, [entry]);
  }
  return { ofNobody, ofClusters };
}

const placesIn = perObject(
  ({ entries }: PlannedEntries) => new Set(Array.from(entries.values(), ({ entry }) => placeOf(entry))),
);

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

/**
 * What nobody knows may belong to any cluster that has not been heard yet. When all have been, it is as if it had been
 * of each: a process that begins while the brake holds does not know what the one before was asked to keep.
 */
function reasonToHoldUnknown(
  lost: number,
  kept: ReadonlyMap<string, number>,
  { clusters, synced, released, unknown = [] }: Gates,
): Reason | undefined {
  if (unknown.length > 0 || [...clusters].some(one => !synced.has(one)))
    return { why: 'Unsynced', waitsFor: unknown.map(({ what }) => what) };
  const suspects = [...clusters].filter(one => !released.has(one) && isTooMuch(lost, kept.get(one) ?? 0));
  return suspects.length === 0 ? undefined : { why: 'Brake', waitsFor: suspects };
}

function reasonToHold(
  cluster: string,
  lost: number,
  kept: number,
  { clusters, synced, released, unknown = [], memory = NO_MEMORY }: Gates,
): Reason | undefined {
  const isReached = clusters.has(cluster);
  // Of one that is not reached any more it may be the name: a RemoteCluster can lose its id.
  const about = unknown.filter(one => one.cluster === cluster || (one.cluster === undefined && !isReached));
  if (about.length > 0 || (isReached && !synced.has(cluster)))
    return { why: 'Unsynced', waitsFor: about.map(({ what }) => what) };
  if (!isReached || released.has(cluster) || !isTooMuch(lost, kept, mostBlocks(memory, cluster)))
    return undefined;
  return { why: 'Brake', waitsFor: [cluster] };
}

function withoutEnclosed(held: readonly Held[], plan: PlannedEntries): Held[] {
  const inWider = enclosed(
    plan,
    held.flatMap(({ entries }) => entries),
  );
  return held.map(one => ({ ...one, entries: one.entries.filter(entry => !inWider.has(entry)) }));
}
