import type { Clock } from '../base/clock.ts';

/** Longer delays overflow in Node and would come at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The clock and the timers of this process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delay, callback) => {
    if (delay <= 0) {
      const turn = setImmediate(callback);
      return () => clearImmediate(turn);
    }
    const timer = setTimeout(callback, Math.min(delay, LONGEST_DELAY));
    return () => clearTimeout(timer);
  },
};
