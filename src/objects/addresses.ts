import { type AddressFamily, familyOf, parseAddress } from '../base/ip.ts';
import { compact } from './compact.ts';
import { type Problems, show } from './problem.ts';

/**
 * Ranges that mean "here": an address in one of them is never right in another cluster, and answering it would point a
 * client at itself. Matched on canonical text, which is some ten times cheaper than parsed addresses.
 */
const LOCAL_RANGES: readonly (readonly [RegExp, string])[] = [
  [/^(0\.0\.0\.0|::)$/, 'unspecified'],
  [/^(127\.|::1$)/, 'loopback'],
  [/^(169\.254\.|fe[89ab][0-9a-f]:)/, 'link-local'],
  [/^(2(2[4-9]|3\d)\.|ff[0-9a-f]{2}:)/, 'multicast'],
  [/^255\.255\.255\.255$/, 'broadcast'],
];

/** A list of addresses, each read by `usableAddress`; of repeated ones the first stays. */
export function usableAddresses(
  list: readonly string[],
  field: string,
  problems: Problems,
  family?: AddressFamily,
): string[] {
  const usable = compact(
    list.map((text, index) => usableAddress(text, `${field}[${index}]`, problems, family)),
  );
  return usable.length < 2 ? usable : compact([...new Set(usable)]);
}

/**
 * An address in canonical form. One that cannot be an answer (no address, not of the family asked for, of a range that
 * means "here") is left out with a warning.
 */
export function usableAddress(
  text: string,
  field: string,
  problems: Problems,
  family?: AddressFamily,
): string | undefined {
  const address = parseAddress(text);
  const fault = address === undefined ? 'is not an IP address' : faultOf(address, family);
  if (fault === undefined) return address;
  return problems.warn(field, `found ${show(text)}: ${fault}; it is left out`);
}

function faultOf(address: string, family: AddressFamily | undefined): string | undefined {
  if (family !== undefined && familyOf(address) !== family) return `is not ${family}`;
  const range = LOCAL_RANGES.find(([pattern]) => pattern.test(address));
  return range && `is ${range[1]}, which no other cluster can reach`;
}
