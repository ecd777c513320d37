import { Writable } from 'node:stream';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { LogFormat, LogLevel } from './levels.ts';
import { writeError } from './standard-streams.ts';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: LogLevel;
  /** `auto`: for people on a terminal, JSON elsewhere. */
  readonly format: LogFormat;
}

/** Octets that are kept of a log while it cannot be written. */
const MOST_KEPT = 1024 * 1024;

/** The process's logger, on standard output; on standard error it says when that cannot be written. */
export async function createLogger({ level, format }: LogOptions): Promise<Logger> {
  const pretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  const output = logOutput(1, writeError);
  return loggerTo(pretty ? await prettyTo(output) : output, level);
}

/**
 * What a log is written to. Writes are synchronous: a daemon that logs little gains nothing from a buffer, and the last
 * lines before an exit are the ones that matter. A disk that is full ends nobody who serves: it goes on, and so does
 * the log once there is room.
 *
 * @param told of the first write that fails, and again once one has not
 */
export function logOutput(descriptor: number, told: (line: string) => void): DestinationStream {
  const output = pino.destination({ dest: descriptor, sync: true, maxLength: MOST_KEPT });
  let isBroken = false;
  output.on('error', (error: Error) => {
    if (!isBroken) told(`causeway: the log cannot be written: ${error.message}; all else goes on\n`);
    isBroken = true;
  });
  output.on('write', () => {
    isBroken = false;
  });
  return output;
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
async function prettyTo(output: DestinationStream): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    // Between the two, for pino-pretty destroys a destination that fails.
    destination: new Writable({
      write: (chunk, _encoding, done) => {
        output.write(String(chunk));
        done();
      },
    }),
    singleLine: true,
    colorize: process.stdout.isTTY,
    translateTime: 'SYS:HH:MM:ss.l',
  });
}
