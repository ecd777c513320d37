import { type Block, parseBlock } from './block.ts';
import type { AddressRange } from './ip.ts';

/**
 * Shorter prefixes are no node's pods: controller managers hand out a /24 and a /64 unless told otherwise, and what a
 * whole cluster has is a /16 or so. More than that may be wanted where a single node has it all, and only in address
 * space that is nobody's in the internet: elsewhere it would be a network of somebody's own. Of IPv6 a whole site has a
 * /48, in the internet (RFC 6177) as well as outside of it (RFC 4193).
 */
const SHORTEST = { IPv4: 16, IPv6: 48, privateIPv4: 12 } as const;
/** RFC 1918, RFC 6598 and RFC 2544. */
const PRIVATE_IPV4 = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15']
  .map(parseBlock)
  .filter(block => block !== undefined);

/** What cannot be anybody's node or pod. IPv4-mapped addresses are none to begin with (`parseAddress`). */
const NOBODYS: readonly (readonly [string, string])[] = [
  ['0.0.0.0/8', 'this network'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/96', 'unspecified, loopback and IPv4-compatible'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
];

interface Special extends AddressRange {
  readonly what: string;
}

const SPECIAL: readonly Special[] = NOBODYS.flatMap(([text, what]) => {
  const block = parseBlock(text);
  return block === undefined ? [] : [{ first: block.first, last: block.last, what }];
});

/** Why no node's pods can have a block; undefined: they can. */
export function wrongPodBlock(block: Block): string | undefined {
  const special = specialOf(block);
  if (special !== undefined) return `holds ${special} addresses, which no pod has`;
  const isPrivate = PRIVATE_IPV4.some(({ first, last }) => first <= block.first && block.last <= last);
  const shortest = SHORTEST[isPrivate ? 'privateIPv4' : block.family];
  if (block.prefix >= shortest) return undefined;
  return `must be /${shortest} or longer: it would catch traffic that is not for pods`;
}

/** What else than nodes and pods has addresses of a block; undefined: nothing. */
export function specialOf({ first, last }: AddressRange): string | undefined {
  return SPECIAL.find(special => special.first <= last && first <= special.last)?.what;
}
