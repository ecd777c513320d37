import { join } from 'node:path';
import {
  dnsperfArguments,
  type Load,
  type LoadResult,
  quantile,
  readLatencies,
  readStatistics,
} from './dnsperf.ts';
import { CLIENT_CPU, type RunningServer } from './running.ts';
import type { Stage } from './stage.ts';
import { cpuMicroseconds, residentKibibytes } from './usage.ts';

/** How the queries travel. */
export interface Way {
  readonly label: string;
  readonly transport: 'udp' | 'tcp';
  readonly edns: boolean;
  readonly cookie: boolean;
}

export const WAYS: readonly Way[] = [
  { label: 'UDP', transport: 'udp', edns: false, cookie: false },
  { label: 'UDP, EDNS', transport: 'udp', edns: true, cookie: false },
  { label: 'UDP, EDNS, cookie', transport: 'udp', edns: true, cookie: true },
  { label: 'TCP', transport: 'tcp', edns: false, cookie: false },
  { label: 'TCP, EDNS', transport: 'tcp', edns: true, cookie: false },
];

/** Queries per second at which latency is measured: what every server should manage without being full. */
export const PACED_RATE = 20_000;

/** What one server did in one round, one way. */
export interface Sample {
  readonly server: string;
  readonly way: string;
  readonly round: number;
  readonly saturated: {
    readonly rate: number;
    readonly cpuMicroseconds: number;
    /** Share of its CPU the server used; well below 1, the client was what was full. */
    readonly busy: number;
    readonly lostShare: number;
  };
  readonly paced: {
    readonly rate: number;
    readonly p50Microseconds: number;
    readonly p99Microseconds: number;
    readonly lostShare: number;
  };
  readonly residentKibibytes: number;
}

export interface Bench extends Stage {
  readonly servers: readonly RunningServer[];
  /** Of each measurement. */
  readonly seconds: number;
  progress(line: string): void;
}

/** Uncounted load of every way on every server: caches and the JIT compiler settle before the first round. */
export async function warmUp(bench: Bench): Promise<void> {
  for (const way of WAYS) {
    for (const running of serversOf(bench, way)) await putLoad(bench, running, { ...way, seconds: 1 });
  }
  bench.progress('warmed up');
}

/**
 * One round: every way, and in each the servers in turn, first all at saturation, then all at the paced rate.
 */
export async function measureRound(bench: Bench, round: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const way of WAYS) {
    const parts = [];
    for (const running of serversOf(bench, way)) {
      const saturated = await measureSaturated(bench, running, way);
      parts.push({ running, saturated, residentKibibytes: residentKibibytes(running.pid) });
    }
    for (const { running, ...part } of parts) {
      const paced = await measurePaced(bench, running, way);
      samples.push({ server: running.server.name, way: way.label, round, paced, ...part });
      const rate = Math.round(part.saturated.rate);
      bench.progress(`round ${round}, ${way.label}, ${running.server.name}: ${rate} queries/s`);
    }
  }
  return samples;
}

function serversOf({ servers }: Bench, { transport }: Way): RunningServer[] {
  return servers.filter(({ server }) => server.transports.includes(transport));
}

async function measureSaturated(
  bench: Bench,
  running: RunningServer,
  way: Way,
): Promise<Sample['saturated']> {
  const before = cpuMicroseconds(running.pid);
  const { result } = await putLoad(bench, running, { ...way, seconds: bench.seconds });
  const used = cpuMicroseconds(running.pid) - before;
  return {
    rate: result.rate,
    cpuMicroseconds: used / result.completed,
    busy: used / (result.seconds * 1e6),
    lostShare: lostShare(result),
  };
}

async function measurePaced(bench: Bench, running: RunningServer, way: Way): Promise<Sample['paced']> {
  const load = { ...way, seconds: bench.seconds, rate: PACED_RATE };
  const { result, output } = await putLoad(bench, running, load);
  const latencies = readLatencies(output);
  return {
    rate: result.rate,
    p50Microseconds: quantile(latencies, 0.5),
    p99Microseconds: quantile(latencies, 0.99),
    lostShare: lostShare(result),
  };
}

function lostShare({ completed, lost }: LoadResult): number {
  return lost / (completed + lost);
}

async function putLoad(
  bench: Bench,
  running: RunningServer,
  load: Load,
): Promise<{ result: LoadResult; output: string }> {
  const output = await bench.fleet.run({
    program: bench.programs.dnsperf,
    arguments: dnsperfArguments(load, running.port, bench.queryFile),
    cpus: [CLIENT_CPU],
    directory: bench.directory,
    output: join(bench.directory, 'dnsperf.output'),
  });
  return { result: readStatistics(output), output };
}
