/** How one load is put on a server. */
export interface Load {
  readonly transport: 'udp' | 'tcp';
  readonly edns: boolean;
  /** With a client cookie, as `dig` sends it. */
  readonly cookie: boolean;
  readonly seconds: number;
  /** Queries per second; absent: as many as client and server manage. */
  readonly rate?: number;
}

export interface LoadResult {
  readonly completed: number;
  readonly lost: number;
  /** Queries per second. */
  readonly rate: number;
  readonly seconds: number;
}

/**
 * Eight clients: over a single TCP connection NSD reached less than a third of its rate over eight. At most 100
 * queries under way: with 1,000, every peer lost some over UDP.
 */
const CLIENTS = 8;
const OUTSTANDING = 100;

/** The EDNS option (RFC 7873). */
const COOKIE = 10;

export function dnsperfArguments(load: Load, port: number, queryFile: string): string[] {
  return [
    ...['-s', '127.0.0.1', '-p', String(port), '-d', queryFile],
    ...['-m', load.transport, '-l', String(load.seconds)],
    ...['-c', String(CLIENTS), '-q', String(OUTSTANDING), '-t', '1'],
    ...(load.edns ? ['-e'] : []),
    ...(load.cookie ? ['-E', `${COOKIE}:0123456789abcdef`] : []),
    // One line per query with its latency: the percentiles come from these. Not at saturation, where printing
    // would cost the client more than asking does.
    ...(load.rate === undefined ? [] : ['-Q', String(load.rate), '-v']),
  ];
}

/**
 * Reads dnsperf's closing statistics. Throws where they are missing or tell of answers other than NOERROR.
 */
export function readStatistics(output: string): LoadResult {
  const codes = /^ *Response codes: +(.*)$/m.exec(output)?.[1] ?? 'none';
  if (!/^NOERROR \d+ \([\d.]+%\)$/.test(codes)) throw new Error(`dnsperf got response codes ${codes}`);
  return {
    completed: statistic(output, 'Queries completed'),
    lost: statistic(output, 'Queries lost'),
    rate: statistic(output, 'Queries per second'),
    seconds: statistic(output, 'Run time \\(s\\)'),
  };
}

function statistic(output: string, label: string): number {
  const found = new RegExp(`^ *${label}: +([\\d.]+)`, 'm').exec(output)?.[1];
  if (found === undefined) throw new Error(`dnsperf printed no "${label}"`);
  return Number(found);
}

/**
 * The latency of every answered query, in µs, ascending. `> NOERROR name A 0.000027`, and `> T …` for a
 * timeout.
 */
export function readLatencies(output: string): Float64Array {
  const seconds = Array.from(output.matchAll(/^> [A-Z]{2,}.* (\d+\.\d+)$/gm), match => Number(match[1]));
  return Float64Array.from(seconds, second => second * 1e6).sort();
}

/** The value that `share` of the sorted values do not exceed (nearest rank). */
export function quantile(sorted: Float64Array, share: number): number {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error('no value to take a quantile of');
  return value;
}
