import type { Logger } from './log.ts';

/** One thing that runs: sockets, a record source, a server. */
export interface Part<Started = unknown> {
  readonly name: string;
  /** Resolves when the part does its work. */
  start(): Promise<Started>;
  /** Finishes what is in flight and lets go of everything; also called where `start` failed or was cut short. */
  stop(): Promise<void>;
}

/** The part, with `report` called each time that it has started; not where it was told to stop meanwhile. */
export function withReport<Started>(part: Part<Started>, report: (started: Started) => void): Part {
  let isStopping = false;
  return {
    name: part.name,
    start: async () => {
      isStopping = false;
      const started = await part.start();
      if (!isStopping) report(started);
    },
    stop: () => {
      isStopping = true;
      return part.stop();
    },
  };
}

/** Parts that need nothing of each other, as one: while one waits for something the others get on with their work. */
export function together(...parts: readonly Part[]): Part {
  return {
    name: parts.map(({ name }) => name).join(' and '),
    start: () => Promise.all(parts.map(part => part.start())),
    stop: async () => {
      await Promise.all(parts.map(part => part.stop()));
    },
  };
}

export interface LifecycleOptions {
  /** Started in this order, stopped in reverse. */
  readonly parts: readonly Part[];
  readonly log: Logger;
  /** Where signals come from: `process`. */
  readonly signals: SignalSource;
  /** Called before anything stops, so that health checks turn clients away first. */
  readonly stopping: () => void;
  /** Milliseconds that stopping may take in all. */
  readonly stopLimit?: number;
}

export interface SignalSource {
  on(signal: StopSignal, listener: () => void): unknown;
  off(signal: StopSignal, listener: () => void): unknown;
}

type StopSignal = (typeof STOP_SIGNALS)[number];

/** Kubernetes' patience is 30 s by default; ours is what the daemon promises: gone within 5 s. */
const STOP_LIMIT = 4_500;

/**
 * Runs the parts until a signal asks to stop.
 *
 * @returns the exit code: 0 after a clean stop; 1 where a second signal cut it short or a part did not stop in time.
 * @throws what a part's `start` threw, after the parts before it were stopped.
 */
export async function runParts(options: LifecycleOptions): Promise<number> {
  const { log, signals } = options;
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<number>();
  let asked = false;
  const onSignal = () => {
    if (asked) second.resolve(1);
    asked = true;
    first.resolve();
  };
  for (const signal of STOP_SIGNALS) signals.on(signal, onSignal);
  const begun: Part[] = [];
  try {
    for (const part of options.parts) {
      begun.push(part);
      await Promise.race([part.start(), first.promise]);
      if (asked) break;
    }
    await first.promise;
    log.info('stopping');
    options.stopping();
    return await Promise.race([stopAll(begun, options), second.promise]);
  } catch (thrown) {
    await stopAll(begun, options);
    throw thrown;
  } finally {
    for (const signal of STOP_SIGNALS) signals.off(signal, onSignal);
  }
}

/** SIGHUP is what a terminal that is closed sends; nothing here needs it for a reload. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

async function stopAll(
  begun: readonly Part[],
  { log, stopLimit = STOP_LIMIT }: LifecycleOptions,
): Promise<number> {
  let waitingFor = '';
  const inOrder = async () => {
    for (const part of begun.toReversed()) {
      waitingFor = part.name;
      // One part that cannot stop must not keep the others from finishing their work.
      await part
        .stop()
        .catch((error: unknown) => log.error({ err: error, part: part.name }, 'part failed to stop'));
    }
    return 0;
  };
  const late = Promise.withResolvers<number>();
  const timer = setTimeout(() => {
    log.error({ part: waitingFor }, 'part did not stop in time');
    late.resolve(1);
  }, stopLimit);
  const code = await Promise.race([inOrder(), late.promise]);
  clearTimeout(timer);
  return code;
}
