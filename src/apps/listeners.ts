import { isIPv6 } from 'node:net';
import { CausewayError } from '../base/errors.ts';
import { formatAddress, type ListenAddress } from '../serve/transport.ts';
import { flagOf } from './setting.ts';
import type { DnsConfig } from './settings.ts';

/**
 * Refuses listeners that would be in each other's way: to the system the second one's port is merely in use, as if
 * another process had it.
 *
 * @throws CausewayError SETTING_INVALID
 */
export function checkListeners({ listen, httpListen }: Pick<DnsConfig, 'listen' | 'httpListen'>): void {
  const all = [
    ...listen.map(where => ({ flag: flagOf('listen'), where })),
    { flag: flagOf('httpListen'), where: httpListen },
  ];
  for (const [index, { flag, where }] of all.entries()) {
    const before = all.slice(0, index).find(other => overlap(other.where, where));
    if (before === undefined) continue;
    throw new CausewayError(
      'SETTING_INVALID',
      `${flag}: found ${formatAddress(where)}, which ${before.flag} ${formatAddress(before.where)} takes; must be another port`,
    );
  }
}

/** Sockets of IPv6 are of IPv6 only. Port 0 is another one each time. */
function overlap(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  const [address, any] = [one.address, isIPv6(one.address) ? '::' : '0.0.0.0'];
  if (isIPv6(address) !== isIPv6(other.address)) return false;
  return address === other.address || address === any || other.address === any;
}
