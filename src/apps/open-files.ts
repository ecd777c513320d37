import { readFile } from 'node:fs/promises';
import type { Logger } from '../ops/log.ts';

/**
 * What the daemon may have open besides TCP connections: 256 of the HTTP pages, and what was counted at rest with some
 * room (32: sockets, threads, the source). Without it clients could take the files that the source is read with.
 */
const BESIDES = 384;
/** For a process that may hardly open anything. */
const LEAST = 16;

/**
 * How many of the TCP connections that are asked for there is room for; a warning, where not for all.
 *
 * @param limits the text of proc_pid_limits(5); one that does not tell, or says `unlimited`, is no limit
 */
export function roomForConnections(asked: number, limits: string, log: Logger): number {
  const openFiles = Number(/^Max open files +(\d+) /m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  const room = Math.max(LEAST, openFiles - BESIDES);
  if (asked <= room) return asked;
  const what = `--tcp-max-connections: this process may open ${openFiles} files, of which it needs ${BESIDES} besides`;
  log.warn(
    { asked, connections: room },
    `${what}; there are fewer connections until its limit is raised (ulimit -n, LimitNOFILE)`,
  );
  return room;
}

/** Of this process; empty where there is no /proc. */
export function ownLimits(): Promise<string> {
  return readFile('/proc/self/limits', 'utf8').catch(() => '');
}
