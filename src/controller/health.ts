/** Milliseconds all. */
export interface HealthLimits {
  /** After how long a silence a cluster is held for lost. */
  readonly lostAfter: number;
  /** How long a lost cluster has to answer every time before it serves again. */
  readonly backAfter: number;
}

/** What came of asking a cluster whether it is there. */
export interface Observation {
  /** Milliseconds of a clock of this process that never goes back. */
  readonly at: number;
  /** A refusal is an answer too: what refuses is alive. */
  readonly answered: boolean;
  /** False: what is known of it may be out of date, so a cluster that was lost has to wait with serving again. */
  readonly current?: boolean;
}

/** Whether a cluster counts as there, and how far it is from the contrary. Times are as in `Observation`. */
export interface HealthState {
  readonly serving: boolean;
  /** Since when `serving` is what it is. */
  readonly since: number;
  readonly observedAt: number;
  /** From where on silence is measured: the last answer, or where measuring began. */
  readonly silentSince: number;
  /** The answers since the last miss; undefined: the last observation was one. */
  readonly streak: Streak | undefined;
}

interface Streak {
  readonly since: number;
  readonly answers: number;
}

/** One answer may be luck, and so may two. */
const LEAST_ANSWERS = 3;

/**
 * Which share of `lostAfter` may lie between two observations. Where more does, it was this process that did not look
 * (it was stopped, the machine slept, the event loop was blocked), and what it did not look for it cannot have missed.
 */
const LONGEST_GAP = 0.5;

/**
 * A cluster that nothing is known of yet serves: else every restart of a controller would take all remote clusters
 * away. One that was written down as lost stays lost, or the restart would bring its dead addresses back.
 */
export function initialHealth(at: number, serving = true): HealthState {
  return { serving, since: at, observedAt: at, silentSince: at, streak: undefined };
}

/**
 * Takes in one observation. They must come in order and always more than twice per `lostAfter`, time-outs included:
 * after a longer pause silence is measured anew.
 */
export function step(before: HealthState, observation: Observation, limits: HealthLimits): HealthState {
  const { at, answered, current = true } = observation;
  const passed = at - before.observedAt;
  const looked = passed >= 0 && passed <= limits.lostAfter * LONGEST_GAP;
  const streak = answered ? prolonged(looked ? before.streak : undefined, at) : undefined;
  const silentSince = answered || !looked ? at : before.silentSince;
  const next = { ...before, observedAt: at, silentSince, streak };
  const serving = before.serving ? at - silentSince < limits.lostAfter : current && isBack(next, limits);
  return serving === before.serving ? next : { ...next, serving, since: at };
}

/** Whether a cluster that does not serve has begun to answer again. */
export function isReturning({ serving, streak }: HealthState): boolean {
  return !serving && streak !== undefined;
}

function prolonged(streak: Streak | undefined, at: number): Streak {
  return streak === undefined ? { since: at, answers: 1 } : { ...streak, answers: streak.answers + 1 };
}

function isBack({ streak, observedAt }: HealthState, { backAfter }: HealthLimits): boolean {
  if (streak === undefined) return false;
  return streak.answers >= LEAST_ANSWERS && observedAt - streak.since >= backAfter;
}
