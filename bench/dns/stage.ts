import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtEnd } from '../../test/e2e/kit/leftovers.ts';
import { Fleet } from './fleet.ts';
import { findProgram, MissingProgram } from './programs.ts';
import { CLIENT_CPU } from './running.ts';
import type { DnsServer } from './servers/server.ts';
import { type BenchZone, makeZone, queryFile } from './zone.ts';

export interface Programs {
  readonly taskset: string;
  readonly dnsperf: string;
  readonly servers: ReadonlyMap<DnsServer, string>;
}

/** What a benchmark of DNS servers plays on. */
export interface Stage {
  readonly programs: Programs;
  readonly fleet: Fleet;
  /** For everything that is written, removed at the end. */
  readonly directory: string;
  readonly zone: BenchZone;
  /** A question for each name of the zone, as dnsperf reads them. */
  readonly queryFile: string;
}

/** Names of the zone that every server holds. */
const NAMES = 1000;

/**
 * Finds all programs, sets up, and puts everything away again however the work ends.
 *
 * @throws MissingProgram that names all that is missing, before anything was started
 */
export async function onStage<Result>(
  name: string,
  servers: readonly DnsServer[],
  work: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const programs = await findPrograms(servers);
  const directory = mkdtempSync(join(tmpdir(), `causeway-${name.replace(':', '-')}-`));
  const fleet = new Fleet(programs.taskset);
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  const undone = undoAtEnd(() => {
    fleet.interrupt();
    removeDirectory();
  });
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  try {
    goTo(programs.taskset, CLIENT_CPU);
    const zone = makeZone(NAMES);
    const questions = join(directory, 'queries');
    writeFileSync(questions, queryFile(zone));
    return await work({ programs, fleet, directory, zone, queryFile: questions });
  } finally {
    await fleet.stop();
    removeDirectory();
    undone();
  }
}

/** What this process does while a server is measured must not take that one's CPU. */
function goTo(taskset: string, cpu: number): void {
  const words = ['--all-tasks', '--cpu-list', '--pid', String(cpu), String(process.pid)];
  const { status, stderr } = spawnSync(taskset, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`taskset ${words.join(' ')}: ${stderr}`);
}

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
  if (availableParallelism() < 2)
    missing.push('two CPUs are needed: one for the servers, one for the clients');
  if (missing.length > 0) throw new MissingProgram(missing.join('\n'));
  return { taskset, dnsperf, servers: paths };
}
