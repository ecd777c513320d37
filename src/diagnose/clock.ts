import type { Known } from '../base/known.ts';
import type { ClockFacts } from './facts.ts';
import { family } from './family.ts';
import { viewOf } from './known.ts';

/** Seconds. Leases and tokens have a leeway of some seconds, and none of a minute. */
const WARNING = 5;
const BAD = 60;

const CURE = 'Set the clocks of both by NTP; on a node `timedatectl` shows whether that works.';

interface Pair {
  readonly about: string;
  readonly difference: Known<ClockFacts>;
}

export const clock = family({
  name: 'clock',
  about: 'the clocks of this machine and of the API servers, by the Date of their answers',
  checks: { 'clock.skew': 'two clocks tell the same time' },
  messages: {
    CLOCKS_DIFFER: {
      check: 'clock.skew',
      verdict: 'warning',
      found: 'the second clock is {seconds} s {direction}',
      cause: 'One of them is not set by NTP.',
      cure: CURE,
    },
    CLOCKS_FAR_APART: {
      check: 'clock.skew',
      verdict: 'bad',
      found:
        'the second clock is {seconds} s {direction}: tokens and certificates count as expired or not yet valid',
      cause: 'One of them is not set by NTP, or a machine was suspended.',
      cure: CURE,
    },
  },
  *judge({ clusters }, say) {
    const pairs: Pair[] = clusters.flatMap(({ context, reach, remotes }) => [
      { about: `here and ${context}`, difference: reach.clock },
      ...('unknown' in remotes ? [] : remotes.value).flatMap(remote =>
        'value' in remote.access
          ? {
              about: `${context} and ${viewOf(context, remote)}`,
              difference: between(reach.clock, remote.access.value.reach.clock),
            }
          : [],
      ),
    ]);
    const [first, second] = clusters;
    if (first !== undefined && second !== undefined) {
      const about = `${first.context} and ${second.context}`;
      pairs.push({ about, difference: between(first.reach.clock, second.reach.clock) });
    }
    for (const { about, difference } of pairs) {
      if ('unknown' in difference) {
        yield say.unknown('clock.skew', about, difference.unknown);
        continue;
      }
      const { ahead, uncertainty } = difference.value;
      const certain = Math.abs(ahead) - uncertainty;
      const values = { seconds: Math.round(Math.abs(ahead)), direction: ahead > 0 ? 'ahead' : 'behind' };
      if (certain > BAD) yield say.wrong('CLOCKS_FAR_APART', about, values);
      else if (certain > WARNING) yield say.wrong('CLOCKS_DIFFER', about, values);
      else yield say.good('clock.skew', about, `they agree to ${Math.ceil(Math.abs(ahead) + uncertainty)} s`);
    }
  },
});

/** How the second stands to the first. */
function between(first: Known<ClockFacts>, second: Known<ClockFacts>): Known<ClockFacts> {
  if ('unknown' in first) return first;
  if ('unknown' in second) return second;
  return {
    value: {
      ahead: second.value.ahead - first.value.ahead,
      uncertainty: second.value.uncertainty + first.value.uncertainty,
    },
  };
}
