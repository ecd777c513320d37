import type { Explanation } from '../views/explanation.ts';
import type { DnsReply } from './message.ts';

/** Which cluster an address stands for. */
export interface AddressBook {
  /** Undefined: none, or several. */
  readonly clusterOf: (address: string) => string | undefined;
  /** Addresses that stand for several clusters, as cluster IPs may where networks overlap. */
  readonly ambiguous: readonly string[];
}

export function addressBookOf(why: Explanation | undefined): AddressBook {
  const clusters = new Map<string, string>();
  const ambiguous = new Set<string>();
  for (const { cluster, addresses, leftOut } of why?.clusters ?? []) {
    // Who is left out for lack of something has none; who is for another reason is still known by its addresses.
    for (const address of leftOut === 'no-address' ? [] : addresses) {
      if (clusters.has(address) && clusters.get(address) !== cluster) ambiguous.add(address);
      clusters.set(address, cluster);
    }
  }
  return {
    clusterOf: address => (ambiguous.has(address) ? undefined : clusters.get(address)),
    ambiguous: [...ambiguous],
  };
}

/** Addresses in a reply: those asked for, or those that come along with SRV records. */
export function addressesIn({ answers, additionals }: DnsReply): string[] {
  return [...answers, ...additionals]
    .filter(({ type }) => type === 'A' || type === 'AAAA')
    .map(({ data }) => data);
}

/** The clusters whose addresses are in a reply, by id; undefined among them: of none that is known. */
export function clustersIn(reply: DnsReply, book: AddressBook): (string | undefined)[] {
  return [...new Set(addressesIn(reply).map(book.clusterOf))].sort();
}
