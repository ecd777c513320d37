import { setTimeout as sleep } from 'node:timers/promises';

/** What is changed and looked at; `T` is one service. */
export interface ChurnOptions<T> {
  /** Changed in turn. */
  readonly targets: readonly T[];
  /** Changes per second. */
  readonly rate: number;
  /** How long; where the API server takes fewer changes than that, it becomes fewer, not longer. */
  readonly seconds: number;
  /** Of so many changes one is followed to its answer: asking for all would load what is measured. */
  readonly followEvery: number;
  /** Milliseconds from an answer that is not the new one to the next question. */
  readonly pause: number;
  /** Resolves when the API server has taken the change. */
  readonly change: (target: T, number: number) => Promise<unknown>;
  /** The number of the change that answers show now. */
  readonly shown: (target: T) => Promise<number>;
}

export interface FollowedChange {
  readonly number: number;
  /** Milliseconds from the beginning of the run until the API server had taken it. */
  readonly at: number;
  /** Milliseconds from there until it was answered. */
  readonly lag: number;
}

export interface ChurnResult {
  readonly followed: readonly FollowedChange[];
  readonly count: number;
  /** Milliseconds that the changes took, and the changes per second that came of it. */
  readonly length: number;
  readonly rate: number;
  /** Milliseconds from the last change until all that was changed is answered as it is now. */
  readonly drained: number;
}

/** Changes that may wait for the API server; beyond that the rate falls behind, and the result says so. */
const MOST_UNDER_WAY = 64;
/** Milliseconds for which a run may go on to make up for delays. */
const SLACK = 500;
/** Milliseconds that a change may take to show. */
const PATIENCE = 60_000;

/** Makes changes at a steady rate, whatever becomes of them, and measures how long they take to be answered. */
export async function churn<T>(options: ChurnOptions<T>): Promise<ChurnResult> {
  const { targets, rate, seconds, followEvery } = options;
  const began = performance.now();
  const followed: FollowedChange[] = [];
  const last = new Map<T, number>();
  const underWay = new Set<Promise<void>>();
  const following: Promise<void>[] = [];
  const one = async (target: T, number: number): Promise<void> => {
    await options.change(target, number);
    const at = performance.now();
    if (number % followEvery !== 0) return;
    following.push(
      untilShown(options, target, number).then(shownAt => {
        followed.push({ number, at: at - began, lag: shownAt - at });
      }),
    );
  };
  const ends = began + seconds * 1000 + SLACK;
  let count = 0;
  for (let number = 1; number <= rate * seconds && performance.now() < ends; number++) {
    count = number;
    await sleep(Math.max(0, began + (number * 1000) / rate - performance.now()));
    while (underWay.size >= MOST_UNDER_WAY) await Promise.race(underWay);
    const target = targets[number % targets.length] as T;
    last.set(target, number);
    const running: Promise<void> = one(target, number).finally(() => underWay.delete(running));
    underWay.add(running);
  }
  await Promise.all(underWay);
  const ended = performance.now();
  for (const [target, number] of last) await untilShown(options, target, number);
  const drained = performance.now() - ended;
  await Promise.all(following);
  return { followed, count, length: ended - began, rate: (count * 1000) / (ended - began), drained };
}

/** When it was answered, on the clock of `performance.now()`. */
async function untilShown<T>({ shown, pause }: ChurnOptions<T>, target: T, number: number): Promise<number> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    if ((await shown(target)) >= number) return performance.now();
    if (performance.now() > deadline) throw new Error(`change ${number} does not show in ${PATIENCE} ms`);
    await sleep(pause);
  }
}
