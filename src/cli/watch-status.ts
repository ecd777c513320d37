import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { pause } from '../operate/steady.ts';
import { systemClock } from '../ops/clock.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { oneLine, visibleIn } from '../terminal/visible.ts';
import type { Status } from '../views/status.ts';
import { statusChanges } from '../views/status-changes.ts';
import { statusText } from '../views/status-text.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds between two looks. */
const EVERY = 2_000;

/** To the top left; what is below the last line goes, and so does what was longer in each line. */
const TOP = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST = '\u001b[J';

/**
 * Shows the status until the signal ends it; that is how it ends well. On a terminal it is drawn anew in place,
 * elsewhere once, and from then on what changes or goes, and what it all comes to then. A look that fails is shown,
 * too, and looked again.
 */
export async function watchStatus(
  look: () => Promise<Status>,
  terminal: Terminal,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  const { environment, isTerminal, print } = terminal;
  const style = styleFor(isTerminal.output, environment);
  const show = isTerminal.output && environment['TERM'] !== 'dumb' ? redrawing(style) : telling(style);
  try {
    for (;;) {
      const seen = await look().then(visibleIn, (fault: unknown) => {
        signal.throwIfAborted();
        return oneLine(messageOf(fault));
      });
      print(show(seen));
      await pause(EVERY, clock, signal);
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

type Show = (seen: Status | string) => string;

function redrawing(style: Style): Show {
  return seen => {
    const text = typeof seen === 'string' ? `${style.bad('✗')} ${seen}\n` : statusText(seen, style);
    return `${TOP}${text.replaceAll('\n', `${REST_OF_LINE}\n`)}${REST}`;
  };
}

function telling(style: Style): Show {
  let before: Status | string | undefined;
  return seen => {
    const last = before;
    before = seen;
    if (typeof seen === 'string') return last === seen ? '' : `${style.bad('✗')} ${seen}\n`;
    if (last === undefined || typeof last === 'string') return statusText(seen, style);
    return statusChanges(last, seen, style);
  };
}
