import type { DataPath } from '../objects/node-annotations.ts';

/**
 * What a node is asked by: a datagram of a few octets, one as large as the route takes, and a TCP connection that
 * carries more than one full segment each way. Networks lose each of them without the others: a path that is narrower
 * than announced swallows what is large, a faulty checksum offload TCP alone, a firewall UDP alone.
 */
export const KINDS = ['small', 'large', 'stream'] as const;
export type ProbeKind = (typeof KINDS)[number];

/** What does not get through: nothing at all, large packets, TCP, or UDP. */
export type Finding = 'silent' | 'mtu' | 'stream' | 'datagrams';

/** What is known of a path. Times are milliseconds of one clock. */
export interface PathState {
  /** Undefined: nobody knows yet. */
  readonly verdict?: DataPath;
  /** Only where it is down. */
  readonly finding?: Finding;
  readonly kinds: Readonly<Record<ProbeKind, KindState>>;
  /** Since when it is watched. */
  readonly since: number;
  /** Since when everything is answered, while it is down. */
  readonly soundSince?: number;
  /** When it last came up again. */
  readonly recovered?: number;
  /** How often in a row it went down soon after that. */
  readonly relapses: number;
}

interface KindState {
  readonly heard?: number;
  /** Unanswered since. */
  readonly lost: number;
}

/**
 * Of a path that has been heard: so long it may be silent, which the fourth question in a row finds out, 4 s after the
 * last answer give or take a few tenths. Of one that never was: longer, for both ends have to be set up.
 */
const PATIENCE = 3_500;
const FIRST_PATIENCE = 10_000;
/** Silence is the absence of answers, not of questions. */
const LEAST_LOST = 3;
/** So long everything has to be answered to believe in it again; doubled up to the longest if that did not last. */
const RECOVERY = { first: 5_000, longest: 60_000 } as const;
const LASTING = 60_000;

/** @param verdict what this node said of the path before its agent was started anew */
export function watched(now: number, verdict?: DataPath): PathState {
  const none: KindState = { lost: 0 };
  return {
    kinds: { small: none, large: none, stream: none },
    since: now,
    relapses: 0,
    ...(verdict === undefined ? {} : { verdict }),
  };
}

export function heard(state: PathState, kind: ProbeKind, now: number): PathState {
  return { ...state, kinds: { ...state.kinds, [kind]: { heard: now, lost: 0 } } };
}

/**
 * Somebody's kernel said that nobody listens at the port. So packets get there and back: an agent that is being
 * replaced is no dead path.
 */
export function refused(state: PathState, now: number): PathState {
  return KINDS.reduce((next, kind) => heard(next, kind, now), state);
}

export function lost(state: PathState, kind: ProbeKind): PathState {
  const before = state.kinds[kind];
  return { ...state, kinds: { ...state.kinds, [kind]: { ...before, lost: before.lost + 1 } } };
}

/** Takes time out of what was watched, in which this process did not run and heard nothing. */
export function withoutPause(state: PathState, milliseconds: number): PathState {
  const later = (time: number | undefined) => (time === undefined ? undefined : time + milliseconds);
  const kinds = KINDS.map(kind => {
    const { heard: time, lost: count } = state.kinds[kind];
    return [kind, { lost: count, ...(time === undefined ? {} : { heard: time + milliseconds }) }];
  });
  return defined({
    ...state,
    since: state.since + milliseconds,
    kinds: Object.fromEntries(kinds),
    soundSince: later(state.soundSince),
    recovered: later(state.recovered),
  });
}

/**
 * Draws the conclusion. A path is up once every kind of probe got through, down when one kind is lost from everybody
 * who was asked, and up again only after a while. That large packets are lost is down as well: the segments of TCP are
 * as large as the route allows, so connections open and then hang, which is worse than none.
 */
export function judged(state: PathState, now: number): PathState {
  if (KINDS.some(kind => isSilent(state, kind, now))) return goneDown(state, now);
  const fresh = KINDS.every(kind => now - (state.kinds[kind].heard ?? Number.NEGATIVE_INFINITY) < PATIENCE);
  if (!fresh) return defined({ ...state, soundSince: undefined });
  if (state.verdict === undefined) return { ...state, verdict: 'up' };
  if (state.verdict === 'up') return state;
  const soundSince = state.soundSince ?? now;
  if (now - soundSince < recoveryOf(state)) return { ...state, soundSince };
  return defined({ ...state, verdict: 'up', finding: undefined, soundSince: undefined, recovered: now });
}

function goneDown(state: PathState, now: number): PathState {
  const finding = findingOf(state, now);
  if (state.verdict === 'down') return defined({ ...state, finding, soundSince: undefined });
  const soon = state.recovered !== undefined && now - state.recovered < LASTING;
  return { ...state, verdict: 'down', finding, relapses: soon ? state.relapses + 1 : 0 };
}

function recoveryOf({ relapses }: PathState): number {
  return Math.min(RECOVERY.first * 2 ** Math.min(relapses, 10), RECOVERY.longest);
}

function isSilent({ kinds, since }: PathState, kind: ProbeKind, now: number): boolean {
  const { heard: last, lost: count } = kinds[kind];
  if (count < LEAST_LOST) return false;
  return last === undefined ? now - since >= FIRST_PATIENCE : now - last >= PATIENCE;
}

/** One that was not lost often enough yet, for it is asked seldom, does not get through for that. */
function findingOf({ kinds }: PathState, now: number): Finding {
  const missing = KINDS.filter(
    kind => kinds[kind].lost > 0 && now - (kinds[kind].heard ?? Number.NEGATIVE_INFINITY) >= PATIENCE,
  );
  if (!missing.includes('small')) return missing.includes('large') ? 'mtu' : 'stream';
  return missing.includes('stream') ? 'silent' : 'datagrams';
}

/** Without the fields that are undefined. */
function defined(state: { readonly [Field in keyof PathState]: PathState[Field] | undefined }): PathState {
  const fields = Object.entries(state).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as unknown as PathState;
}
