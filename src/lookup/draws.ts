import type { Draws } from '../views/draws.ts';
import type { Explanation } from '../views/explanation.ts';
import { chiSquareOf, drawsNeeded } from './chi-square.ts';
import { type AddressBook, addressBookOf, clustersIn } from './clusters.ts';
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
  const counts = countsOf(asked, book);
  const unknown = counts.get(undefined) ?? 0;
  const configured = new Map(
    (why?.clusters ?? []).flatMap(({ cluster, share = 0 }) => (share > 0 ? [[cluster, share] as const] : [])),
  );
  const names = new Set([...configured.keys(), ...counts.keys()].filter(name => name !== undefined));
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
    ...(isCached ? { verdict: 'cached' as const } : verdictOf(clusters, unknown, book.ambiguous.length > 0)),
  };
}

/** By cluster; undefined: answers with addresses of none, or of several at once. */
function countsOf(asked: readonly Asked[], book: AddressBook): Map<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (const each of asked) {
    if (!each.answered) continue;
    const [cluster, ...more] = clustersIn(each.reply, book);
    if (cluster === undefined && each.reply.answers.length === 0) continue;
    const one = more.length > 0 ? undefined : cluster;
    counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  return counts;
}

function verdictOf(
  clusters: Draws['clusters'],
  unknown: number,
  isAmbiguous: boolean,
): Pick<Draws, 'verdict' | 'chiSquare' | 'needed'> {
  const drawn = clusters.flatMap(({ configured, answers }) =>
    configured === undefined ? [] : [{ share: configured, count: answers }],
  );
  if (drawn.length === 0 || isAmbiguous) return { verdict: 'not-drawn' };
  const total = drawn.reduce((sum, { count }) => sum + count, 0);
  if (drawn.length < clusters.length || unknown > 0) return { verdict: 'not-as-configured' };
  const needed = drawsNeeded(drawn.map(({ share }) => share));
  if (total < needed) return { verdict: 'too-few', needed };
  if (drawn.length === 1) return { verdict: 'within-chance' };
  const chiSquare = chiSquareOf(drawn);
  return { verdict: chiSquare.p < LEAST_LIKELY ? 'not-as-configured' : 'within-chance', chiSquare };
}
