import type { AddressFamily } from '../base/ip.ts';
import { hash53 } from '../routes/mac.ts';
import type { Target } from './target.ts';

/** The way to one cluster in one address family. */
export interface Path {
  readonly cluster: string;
  readonly family: AddressFamily;
  /** Those that may be asked, the first choice first. */
  readonly ranking: readonly Target[];
}

/** Nodes of a cluster that are asked while all is well, and with stand-ins for those that are silent. */
const ASKED = 3;
const MOST_ASKED = 6;

/**
 * The paths from a node, by their keys. Each node ranks the others by a hash of both (rendezvous hashing): so the nodes
 * of a cluster ask different ones, and one that comes or goes changes nobody's choice but of those who ask it.
 *
 * @param own uid of this node
 */
export function pathsOf(own: string, targets: Iterable<Target>): Map<string, Path> {
  const found = new Map<string, { target: Target; rank: number }[]>();
  for (const target of targets) {
    const key = pathKey(target);
    const ranked = { target, rank: hash53(`${own}/${target.cluster}/${target.uid}`) };
    const list = found.get(key);
    if (list) list.push(ranked);
    else found.set(key, [ranked]);
  }
  const paths = new Map<string, Path>();
  for (const [key, list] of found) {
    list.sort((one, other) => other.rank - one.rank || (one.target.uid < other.target.uid ? -1 : 1));
    // More than this nobody asks, and 5,000 nodes of 200 clusters need not be kept in order.
    const ranking = list.slice(0, MOST_ASKED).map(({ target }) => target);
    const [first] = ranking;
    if (first !== undefined) paths.set(key, { cluster: first.cluster, family: first.family, ranking });
  }
  return paths;
}

export function pathKey({ cluster, family }: Pick<Path, 'cluster' | 'family'>): string {
  return `${cluster} ${family}`;
}

/**
 * Who is asked now. Who is silent is asked on, and the next in rank beside it: three dead nodes of a hundred are no
 * dead cluster, and have to be told from one before it is given up.
 */
export function askedOf(
  { ranking }: Pick<Path, 'ranking'>,
  isSilent: (target: Target) => boolean,
): readonly Target[] {
  let sound = 0;
  const end = ranking.findIndex(target => {
    if (!isSilent(target)) sound += 1;
    return sound === ASKED;
  });
  return end === -1 ? ranking : ranking.slice(0, end + 1);
}
