import type { Asked, LookupFacts } from './facts.ts';

/** CoreDNS's `cache` keeps no answer for less. */
const CLAMP = 5;

/**
 * What shows a cache in between, in one line; undefined: nothing does. Between an operator and a replica through the
 * API server there is no cache.
 */
export function cacheSignOf(
  { asked, servers, draws }: LookupFacts,
  ttl: number | undefined,
): string | undefined {
  if (asked === 'replicas') return undefined;
  return cacheSign([...servers.map(server => server.asked), ...(draws?.asked ?? [])], ttl);
}

/**
 * What shows that the answers come out of a cache, in one line; undefined: nothing does.
 *
 * @param configured TTL that the daemon gives, in seconds; undefined: unknown
 */
function cacheSign(asked: readonly Asked[], configured: number | undefined): string | undefined {
  const ttls = asked.flatMap(each => (each.answered ? each.reply.answers.map(({ ttl }) => ttl) : []));
  if (ttls.length === 0) return undefined;
  const [least, most] = [Math.min(...ttls), Math.max(...ttls)];
  if (configured !== undefined && most > configured) {
    const clamp = most <= CLAMP ? `; CoreDNS's keeps nothing for less than ${CLAMP} s` : '';
    return `the TTL is ${most} where the daemon gives ${configured}: a cache in between${clamp}`;
  }
  const full = configured ?? most;
  return least < full ? `the TTL counts down, from ${full} to ${least}: a cache in between` : undefined;
}
