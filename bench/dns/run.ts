import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtEnd } from '../../test/e2e/kit/leftovers.ts';
import { describeMachine, writeReport } from '../report.ts';
import { checkAnswers } from './agreement.ts';
import { Fleet } from './fleet.ts';
import { type Bench, measureRound, PACED_RATE, type Sample, warmUp } from './measure.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { findProgram, MissingProgram, versionOf } from './programs.ts';
import { startServer } from './running.ts';
import type { DnsServer } from './servers/server.ts';
import { printTable, printWarnings } from './table.ts';
import { type BenchZone, makeZone, queryFile } from './zone.ts';

interface Programs {
  readonly taskset: string;
  readonly dnsperf: string;
  readonly servers: ReadonlyMap<DnsServer, string>;
}

const progress = (line: string) => console.error(line);

/** Finds everything before anything is started, and names all that is missing at once. */
async function findPrograms(servers: readonly DnsServer[]): Promise<Programs> {
  const missing: string[] = [];
  const find = async (locate: () => string | Promise<string>): Promise<string> => {
    try {
      return await locate();
    } catch (error) {
      if (!(error instanceof MissingProgram)) throw error;
      missing.push(error.message);
      return '';
    }
  };
  const taskset = await find(() => findProgram('taskset', 'apt-get install util-linux'));
  const dnsperf = await find(() => findProgram('dnsperf', 'apt-get install dnsperf'));
  const paths = new Map<DnsServer, string>();
  for (const server of servers) paths.set(server, await find(server.locate));
  if (availableParallelism() < 2) missing.push('two CPUs are needed: one for the servers, one for dnsperf');
  if (missing.length > 0) throw new MissingProgram(missing.join('\n'));
  return { taskset, dnsperf, servers: paths };
}

async function measure(
  options: BenchOptions,
  programs: Programs,
  fleet: Fleet,
  directory: string,
): Promise<Sample[]> {
  const zone: BenchZone = makeZone(1000);
  const queries = join(directory, 'queries');
  writeFileSync(queries, queryFile(zone));
  const servers = [];
  for (const [server, program] of programs.servers) {
    const running = await startServer(fleet, server, program, zone, directory);
    await checkAnswers(server, running.port, zone);
    servers.push(running);
  }
  progress('all servers give the same answers');
  const { dnsperf } = programs;
  const bench: Bench = {
    ...{ fleet, dnsperf, queryFile: queries, directory, servers },
    ...{ seconds: options.seconds, progress },
  };
  await warmUp(bench);
  const samples: Sample[] = [];
  for (let round = 1; round <= options.rounds; round++) samples.push(...(await measureRound(bench, round)));
  return samples;
}

function report(options: BenchOptions, programs: Programs, samples: readonly Sample[]): string {
  const versions = Array.from(programs.servers)
    .filter(([server]) => server.role !== 'variant' && server.role !== 'limit')
    .map(([server, program]) => `${server.name} ${versionOf(program, server.versionArguments)}`);
  const dnsperf = `dnsperf ${versionOf(programs.dnsperf, ['-h'])}`;
  const extent = `medians of ${options.rounds}, ${options.seconds} s a measurement`;
  const warnings = printWarnings(samples, PACED_RATE).map(line => `- ${line}`);
  return [
    `${describeMachine(new Date())}; ${[...versions, dnsperf].join(', ')}; ${extent}.`,
    printTable(samples, options.servers),
    ...(warnings.length > 0 ? [warnings.join('\n')] : []),
  ].join('\n\n');
}

async function runBench(options: BenchOptions): Promise<void> {
  const programs = await findPrograms(options.servers);
  const directory = mkdtempSync(join(tmpdir(), 'causeway-bench-dns-'));
  const fleet = new Fleet(programs.taskset);
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  const undone = undoAtEnd(() => {
    fleet.interrupt();
    removeDirectory();
  });
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  try {
    const text = report(options, programs, await measure(options, programs, fleet, directory));
    console.log(text);
    if (options.write) writeReport('bench:dns', text);
  } finally {
    await fleet.stop();
    removeDirectory();
    undone();
  }
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  let options: BenchOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`bench:dns: ${error instanceof Error ? error.message : error}`);
    return 2;
  }
  try {
    await runBench(options);
    return 0;
  } catch (error) {
    console.error(`bench:dns: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

process.exitCode = await main();
