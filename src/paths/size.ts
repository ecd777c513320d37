import type { AddressFamily } from '../base/ip.ts';
import { HEADER, LARGEST } from './message.ts';
import type { ProbeKind } from './verdict.ts';

/** IP without options, and UDP. */
const HEADERS = { IPv4: 28, IPv6: 48 } as const;
/** Of a stream, whatever the route would take. */
export const LARGEST_STREAM = 16_384;

/**
 * Octets of a question. The large datagram fills a packet of exactly the route's MTU: the kernel sends that in one
 * piece and marked not to be fragmented, as it sends the pods'. Where it knows of a narrower place on the way it would
 * cut the datagram up, and tells the pods as well; what is found here is what it does not know of.
 *
 * @param mtu octets of the largest packet that the route takes
 */
export function sizeOf(kind: ProbeKind, family: AddressFamily, mtu: number): number {
  if (kind === 'small') return HEADER;
  if (kind === 'large') return Math.min(mtu - HEADERS[family], LARGEST);
  return Math.min(2 * mtu, LARGEST_STREAM);
}
