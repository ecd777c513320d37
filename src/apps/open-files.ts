import { readFile } from 'node:fs/promises';
import type { Logger } from '../ops/log.ts';
import { HTTP_ROOM } from '../serve/http.ts';
import type { DnsConfig } from './settings.ts';

/** What a thread that serves UDP has open: six were counted, its socket and what an event loop needs. */
const OF_THREAD = 8;
/** All else: 32 were counted at rest, and a source opens files while it reads. */
const OF_REST = 64;
/** For a process that may hardly open anything. */
const LEAST = 16;

/**
 * How many of the TCP connections that are asked for there is room for; a warning, where not for all. Without it
 * clients that only hold connections take the files that the source is read with, and those of the health page.
 *
 * @param limits the text of proc_pid_limits(5); one that does not tell, or says `unlimited`, is no limit
 */
export function roomForConnections(
  {
    tcpMaxConnections: asked,
    udpThreads,
    listen,
  }: Pick<DnsConfig, 'tcpMaxConnections' | 'udpThreads' | 'listen'>,
  limits: string,
  log: Logger,
): number {
  const openFiles = Number(/^Max open files +(\d+) /m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  const besides = HTTP_ROOM.connections + OF_THREAD * udpThreads * listen.length + OF_REST;
  const room = Math.max(LEAST, openFiles - besides);
  if (asked <= room) return asked;
  const what = `--tcp-max-connections: this process may open ${openFiles} files, of which it needs ${besides} besides`;
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
