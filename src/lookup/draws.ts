import type { Draws } from '../views/draws.ts';
import type { Explanation } from '../views/explanation.ts';
import { chiSquareOf, drawsNeeded } from './chi-square.ts';
import { type AddressBook, addressBookOf, addressesIn } from './clusters.ts';
import type { Asked, LookupFacts } from './facts.ts';

/** Less likely than this is not taken for chance: one run in a thousand would be called wrong without being so. */
const LEAST_LIKELY = 0.001;

/**
 * Counts many answers, and says whether they are what is configured.
 *
 * @param isCached whether they come out of a cache, as far as it shows
 */
export function drawsOf(
  { asked, seconds }: NonNullable<LookupFacts['draws']>,
  why: Explanation | undefined,
  isCached: boolean,
): Draws {
  const book = addressBookOf(why);
  // The clusterset IP is of no cluster, and in its place there.
  const shared = why?.step === 'clusterset-ip' ? (why.service?.ips ?? []) : [];
  const { counts, unknown, mixed } = countsOf(asked, book, shared);
  const configured = new Map(
    (why?.clusters ?? []).flatMap(({ cluster, share = 0 }) => (share > 0 ? [[cluster, share] as const] : [])),
  );
  const names = new Set([...configured.keys(), ...counts.keys()]);
  const clusters = [...names].sort().map(cluster => {
    const share = configured.get(cluster);
    return {
      cluster,
      ...(share === undefined ? {} : { configured: share }),
      answers: counts.get(cluster) ?? 0,
    };
  });
  const answered = asked.filter(each => each.answered).length;
  return {
    ...{ asked: asked.length, answered, seconds, clusters, unknown },
    ...(isCached
      ? { verdict: 'cached' as const }
      : verdictOf(clusters, unknown + mixed, book.ambiguous.length > 0)),
  };
}

interface Counts {
  /** Answers by the clusters whose addresses are in them. */
  readonly counts: ReadonlyMap<string, number>;
  /** Answers with addresses of none that is known. */
  readonly unknown: number;
  /** Answers with addresses of several. */
  readonly mixed: number;
}

function countsOf(asked: readonly Asked[], book: AddressBook, shared: readonly string[]): Counts {
  const counts = new Map<string, number>();
  let unknown = 0;
  let mixed = 0;
  for (const each of asked) {
    if (!each.answered || each.reply.answers.length === 0) continue;
    const addresses = addressesIn(each.reply);
    const clusters = new Set(addresses.filter(one => !shared.includes(one)).map(book.clusterOf));
    if (addresses.length === 0 || clusters.delete(undefined)) unknown++;
    if (clusters.size > 1) mixed++;
    for (const cluster of clusters) {
      if (cluster !== undefined) counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
    }
  }
  return { counts, unknown, mixed };
}

/** @param strange answers that are not of one known cluster */
function verdictOf(
  clusters: Draws['clusters'],
  strange: number,
  isAmbiguous: boolean,
): Pick<Draws, 'verdict' | 'chiSquare' | 'needed'> {
  const drawn = clusters.flatMap(({ configured, answers }) =>
    configured === undefined ? [] : [{ share: configured, count: answers }],
  );
  if (drawn.length === 0 || isAmbiguous) return { verdict: 'not-drawn' };
  const total = drawn.reduce((sum, { count }) => sum + count, 0);
  if (drawn.length < clusters.length || strange > 0) return { verdict: 'not-as-configured' };
  const needed = drawsNeeded(drawn.map(({ share }) => share));
  if (total < needed) return { verdict: 'too-few', needed };
  if (drawn.length === 1) return { verdict: 'within-chance' };
  const chiSquare = chiSquareOf(drawn);
  return { verdict: chiSquare.p < LEAST_LIKELY ? 'not-as-configured' : 'within-chance', chiSquare };
}
