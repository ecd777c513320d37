import { readFileSync } from 'node:fs';
import { metricOf } from '../sync/metrics-text.ts';

/** Reasons of `causeway_dns_dropped_total` for which a query of ours may have no reply. */
export interface DaemonDrops {
  readonly overload: number;
  readonly send: number;
  readonly limited: number;
  readonly thread: number;
}

/** What a daemon has counted as dropped. */
export async function daemonDrops(httpPort: number): Promise<DaemonDrops> {
  const text = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
  const countOf = (reason: string) => metricOf(text, 'causeway_dns_dropped_total', { reason });
  return {
    ...{ overload: countOf('overload'), send: countOf('send') },
    ...{ limited: countOf('limited'), thread: countOf('thread') },
  };
}

/** Datagrams that the IPv4 sockets of a local port had no room for. */
export function socketDrops(port: number): number {
  return kernelDrops(readFileSync('/proc/net/udp', 'utf8'), port);
}

/**
 * The same from a table such as /proc/net/udp: the last column of each socket's line, whose second is the address as
 * hexadecimal numbers.
 */
export function kernelDrops(table: string, port: number): number {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, local = '']) => local.endsWith(ending))
    .reduce((sum, columns) => sum + Number(columns.at(-1)), 0);
}
