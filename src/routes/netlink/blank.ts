import { blankHeaders, type Request } from './message.ts';
import { blankCounts } from './nftables.ts';
import { blankTimes } from './rtnetlink.ts';

/** Takes out of a list what is another each time that it is asked for: two lists of the same are the same octets. */
export function blank(protocol: Request['protocol'], octets: Uint8Array): void {
  blankHeaders(octets);
  if (protocol === 'route') blankTimes(octets);
  else blankCounts(octets);
}
