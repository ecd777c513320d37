import { CausewayError } from '../base/errors.ts';
import { familyOf, isLoopback } from '../base/ip.ts';
import { formatAddress } from '../serve/transport.ts';
import { flagOf } from './setting.ts';

/** A port that a setting makes a process take. */
export interface TakenPort {
  /** The setting's name. */
  readonly setting: string;
  readonly protocols: readonly ('TCP' | 'UDP')[];
  /** Canonical. Undefined: what the host has, as is found out later, though no loopback address. */
  readonly address?: string;
  /** 0: another one each time, or none. */
  readonly port: number;
  /** The one before it, where that is what the setting says. */
  readonly after?: number;
}

/**
 * Refuses settings of one process that would be in each other's way: to the system the second one's port is merely in
 * use, as if another process had it.
 *
 * @throws CausewayError SETTING_INVALID
 */
export function checkPorts(all: readonly TakenPort[]): void {
  for (const [index, one] of all.entries()) {
    const before = all.slice(0, index).find(other => collide(other, one));
    if (before === undefined) continue;
    throw new CausewayError(
      'SETTING_INVALID',
      `${flagOf(one.setting)}: found ${shown(one)}, which ${flagOf(before.setting)} ${shown(before)} takes; must be another port`,
    );
  }
}

function collide(one: TakenPort, other: TakenPort): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  return one.protocols.some(name => other.protocols.includes(name)) && overlap(one.address, other.address);
}

/** Sockets of IPv6 are of IPv6 only. */
function overlap(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return !isLoopback(one ?? other ?? '');
  if (familyOf(one) !== familyOf(other)) return false;
  return one === other || isAny(one) || isAny(other);
}

function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function shown({ address, port, after }: TakenPort): string {
  if (after !== undefined) return `${after} with ${port} after it`;
  return address === undefined ? `${port}` : formatAddress({ address, port });
}
