import { isHeard, type Tunnel } from './liveness.ts';

/**
 * A node that gets another key. A device has one, and to a device that has not heard of the new one its packets are
 * noise. So both ends go around by a second device, on which the new key holds already:
 *
 * - `waiting`: another node's key changes; its detour would break off with the key of this one
 * - `announced`: the next key is published beside the present one, and the detours come up
 * - `leaving`: this node sends nothing by the first device any more, though it takes what comes
 * - `withdrawn`: the present key is not published any more, so that the others forget it
 * - `returning`: the next key is the present one now, and the tunnels of the first device come up with it
 * - `closing`: there is no next key any more for the others, who forget the detour
 */
export interface KeyChange {
  readonly phase: 'waiting' | 'announced' | 'leaving' | 'withdrawn' | 'returning' | 'closing';
  /** Milliseconds of a clock that never goes back. */
  readonly since: number;
}

/** What the next step depends on. */
export interface KeyFacts {
  /** `asked`: there is a next key; `taken`: it has become the present one. */
  readonly next: 'none' | 'asked' | 'taken';
  /** Whether this node has tunnels at all. */
  readonly encrypts: boolean;
  /** Whether a node of another cluster has published a next key. */
  readonly othersChange: boolean;
  /** Whether this node has published its own, be it by a process before this one: others have a detour by it. */
  readonly isAnnounced: boolean;
  /** The tunnels of the first device, by the public keys of the others. */
  readonly first: ReadonlyMap<string, Tunnel>;
  readonly detour: ReadonlyMap<string, Tunnel>;
  /** Of nodes that are known by one key on the one device and by another on the other: from each to the other. */
  readonly elsewhere: ReadonlyMap<string, string>;
}

/** Milliseconds in which news get from a node to those of other clusters, where nothing is in the way. */
const NEWS = 5_000;
/** Until this node's own routes lead elsewhere. */
const LEAVING = 2_500;
/** For which nothing comes from anybody: whoever still knows the old key would have sent a keepalive. */
const SILENT = 7_500;
/** For which the detours are waited for: agents that know of none never answer there, nor does a closed port. */
const DETOUR = 30_000;
/** After which those are not waited for that cannot have heard of it, because their cluster is away. */
const LONGEST = 60_000;
/** After which who still has the detour is not waited for: it is not used where the first device answers. */
const CLOSING = 20_000;
/** After which somebody else's change is taken for one that does not come to its end. */
const OTHERS = 300_000;

/**
 * What follows. `take`: the next key becomes the present one, and the change goes on with `returning`; `drop`: the next
 * key goes, and there is no change any more. A process that starts in the midst of it begins with what the keys tell.
 */
export function nextStep(
  change: KeyChange | undefined,
  facts: KeyFacts,
  now: number,
): KeyChange | 'take' | 'drop' | undefined {
  const { next, encrypts } = facts;
  if (next === 'none') return undefined;
  if (!encrypts) return next === 'asked' ? 'take' : 'drop';
  const isBack = change?.phase === 'returning' || change?.phase === 'closing';
  if (change === undefined || isBack !== (next === 'taken')) return { phase: firstPhase(facts), since: now };
  const follows = following(change.phase, facts, now - change.since, now);
  if (follows === undefined || follows === 'take' || follows === 'drop') return follows ?? change;
  return { phase: follows, since: now };
}

function firstPhase({ next, othersChange, isAnnounced }: KeyFacts): KeyChange['phase'] {
  if (next === 'taken') return 'returning';
  return othersChange && !isAnnounced ? 'waiting' : 'announced';
}

/** Undefined: it goes on. @param passed milliseconds since the phase began */
function following(
  phase: KeyChange['phase'],
  { othersChange, first, detour, elsewhere }: KeyFacts,
  passed: number,
  now: number,
): KeyChange['phase'] | 'take' | 'drop' | undefined {
  switch (phase) {
    case 'waiting':
      return !othersChange || passed >= OTHERS ? 'announced' : undefined;
    case 'announced':
      // Another node that begins at the same time is heard of before either relies on a detour.
      return passed >= NEWS && (isCovered(first, detour, elsewhere, isHeard) || passed >= DETOUR)
        ? 'leaving'
        : undefined;
    case 'leaving':
      return passed >= LEAVING ? 'withdrawn' : undefined;
    case 'withdrawn':
      return areSilent(first, passed, now) || passed >= LONGEST ? 'take' : undefined;
    case 'returning':
      return passed >= NEWS && (isCovered(detour, first, elsewhere, isAnswering) || passed >= LONGEST)
        ? 'closing'
        : undefined;
    case 'closing':
      return areSilent(detour, passed, now) || passed >= CLOSING ? 'drop' : undefined;
  }
}

type Holds = (tunnel: Tunnel) => boolean;

const isAnswering: Holds = ({ answering }) => answering;

/** Whether for everybody who answers by the one device something holds of the other, too. */
function isCovered(
  one: KeyFacts['first'],
  other: KeyFacts['first'],
  elsewhere: KeyFacts['elsewhere'],
  holds: Holds,
): boolean {
  return [...one].every(([key, { answering }]) => {
    const there = other.get(elsewhere.get(key) ?? key);
    return !answering || (there !== undefined && holds(there));
  });
}

function areSilent(tunnels: ReadonlyMap<string, Tunnel>, passed: number, now: number): boolean {
  return passed >= SILENT && [...tunnels.values()].every(({ heardAt }) => now - heardAt >= SILENT);
}
