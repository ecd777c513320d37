import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { LogFormat, LogLevel } from './levels.ts';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: LogLevel;
  /** `auto`: for people on a terminal, JSON elsewhere. */
  readonly format: LogFormat;
}

/**
 * The process's logger, on standard output. Writes are synchronous: a daemon that logs little gains nothing from a
 * buffer, and the last lines before an exit are the ones that matter.
 */
export async function createLogger({ level, format }: LogOptions): Promise<Logger> {
  const pretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  const destination = pretty ? await prettyDestination() : pino.destination({ dest: 1, sync: true });
  return loggerTo(destination, level);
}

/** A logger with the house's fields on any destination. */
export function loggerTo(destination: DestinationStream, level: LogLevel): Logger {
  return pino(
    {
      level,
      // The cluster's own log collection adds pod and node; a process id is always 1 there.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    destination,
  );
}

// Loaded only where a person reads along: it would cost every start in a container for nothing.
async function prettyDestination(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    sync: true,
    singleLine: true,
    colorize: process.stdout.isTTY,
    translateTime: 'SYS:HH:MM:ss.l',
  });
}
