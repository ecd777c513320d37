import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { isWell } from '../health/status.ts';
import type { Status } from '../views/status.ts';

/** Milliseconds for which all has to be well in every look. */
const STEADY = 5_000;
/** Between two looks. */
const PAUSE = 1_000;

export interface Awaiting {
  readonly look: () => Promise<Status>;
  /** Milliseconds after which it is given up. */
  readonly limit: number;
  /** Told after each look what it is that is waited for. */
  readonly told: (missing: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What waiting came to: the last look, and whether all has been well for long enough. */
export type Awaited =
  | { readonly steady: boolean; readonly status: Status }
  | { readonly steady: false; readonly fault: unknown };

/**
 * Looks until all has been well for five seconds on end, or the time is over. A look that fails is one in which nothing
 * is well: an API server that restarts is waited for as well.
 */
export async function untilSteady(awaiting: Awaiting): Promise<Awaited> {
  const { told, limit, clock, signal } = awaiting;
  const end = clock.now() + limit;
  /** From the end of the first look in which all was well: what was before it is not known. */
  let wellSince: number | undefined;
  for (;;) {
    const began = clock.now();
    const seen = await lookOnce(awaiting);
    const well = seen.status !== undefined && isWell(seen.status);
    if (!well) wellSince = undefined;
    else if (wellSince === undefined) wellSince = clock.now();
    else if (began - wellSince >= STEADY) return { steady: true, status: seen.status };
    if (clock.now() + PAUSE > end) return { steady: false, ...seen };
    told(well ? 'all is well; it has to stay so for 5 s' : seen.missing);
    await pause(PAUSE, clock, signal);
  }
}

type Look =
  | { readonly status: Status; readonly missing: string }
  | { readonly status: undefined; readonly fault: unknown; readonly missing: string };

async function lookOnce({ look, signal }: Awaiting): Promise<Look> {
  try {
    const status = await look();
    return { status, missing: missingIn(status) };
  } catch (fault) {
    signal.throwIfAborted();
    return { status: undefined, fault, missing: messageOf(fault) };
  }
}

function missingIn({ findings }: Status): string {
  const lacking = findings.filter(({ verdict }) => verdict === 'bad' || verdict === 'unknown');
  const [first] = lacking;
  return first === undefined ? '' : `${lacking.length} checks are not good: ${first.about}: ${first.found}`;
}

/** @throws what the signal is aborted with */
export function pause(milliseconds: number, clock: Clock, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(milliseconds, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
