import type { Tunnel } from './liveness.ts';

/**
 * A node that is about to have another key. A device has one, and to a device that has not heard of the new one its
 * packets are noise. So the tunnels are left first, by both ends: `leaving`, this node sends around them; `withdrawn`,
 * it has no public key, so that others do too and forget the old one.
 */
export interface KeyChange {
  readonly phase: 'leaving' | 'withdrawn';
  /** Milliseconds of a clock that never goes back. */
  readonly since: number;
}

/** Milliseconds. Until this node's own routes lead elsewhere. */
const LEAVING = 2_500;
/** For which nothing comes from anybody: whoever still knows the old key would have sent a keepalive. */
const SILENT = 7_500;
/** After which those are not waited for that cannot have heard of it, because their cluster is away. */
const LONGEST = 60_000;

/** What follows; `take`: now the next key becomes the present one, and then there is no change any more. */
export function nextStep(
  change: KeyChange | undefined,
  isAsked: boolean,
  tunnels: Iterable<Tunnel>,
  now: number,
): KeyChange | 'take' | undefined {
  if (!isAsked) return undefined;
  if (change === undefined) return { phase: 'leaving', since: now };
  const passed = now - change.since;
  if (change.phase === 'leaving') return passed < LEAVING ? change : { phase: 'withdrawn', since: now };
  const areSilent = passed >= SILENT && [...tunnels].every(({ heardAt }) => now - heardAt >= SILENT);
  return areSilent || passed >= LONGEST ? 'take' : change;
}
