import { headlessMesh } from '../dns/mesh.ts';
import { CLIENT_CPU, type RunningServer, SERVER_CPU, startServer } from '../dns/running.ts';
import { causeway, launchCauseway } from '../dns/servers/causeway.ts';
import type { DnsServer } from '../dns/servers/server.ts';
import type { Stage } from '../dns/stage.ts';
import { cpuMicroseconds } from '../dns/usage.ts';
import { type RoundOptions, runRounds } from '../rounds.ts';
import { residentOf } from '../sync/process-usage.ts';
import { type Asking, putEvenLoad } from './even-load.ts';
import { ONE, printTable, type Sample } from './table.ts';

/** Daemons that share the CPUs out among them, and who asks which. */
interface Subject {
  readonly label: string;
  readonly cpus: number;
  readonly daemons: readonly RunningServer[];
  readonly clients: readonly Asking[];
}

const CPUS = [SERVER_CPU, CLIENT_CPU];

/** A daemon with as many serving threads as CPUs that it is bound to. */
function startDaemon(
  stage: Stage,
  cpus: readonly number[],
  name: string,
  spread: 'hash' | 'cpu' = 'hash',
): Promise<RunningServer> {
  const threads = { '--udp-threads': String(cpus.length), '--udp-spread': spread };
  const settings = { '--udp-transport': 'batched', ...threads };
  const server: DnsServer = {
    ...causeway,
    name,
    prepare: (zone, place) => launchCauseway(headlessMesh(zone), place, settings),
  };
  return startServer(stage, server, process.execPath, cpus);
}

/**
 * Two daemons share nothing but the machine. Of two threads each is asked from both CPUs where clients are spread by a
 * hash, and from its own where they are spread by CPU; a daemon is asked from one of them, its own or the other, so
 * that it shows what it costs to go from one CPU to the other.
 */
async function start(stage: Stage): Promise<Subject[]> {
  const one = await startDaemon(stage, [SERVER_CPU], 'one thread');
  const two = await startDaemon(stage, CPUS, 'two threads');
  const spread = await startDaemon(stage, CPUS, 'two threads by CPU', 'cpu');
  const each: RunningServer[] = [];
  for (const cpu of CPUS) each.push(await startDaemon(stage, [cpu], `apart ${cpu}`));
  const from = ({ port }: RunningServer) => CPUS.map(cpu => ({ cpu, port }));
  const own = each.map(({ port }, index) => ({ cpu: CPUS.at(index) ?? 0, port }));
  const other = each.map(({ port }, index) => ({ cpu: CPUS.at(index - 1) ?? 0, port }));
  return [
    { label: ONE, cpus: 1, daemons: [one], clients: [{ cpu: SERVER_CPU, port: one.port }] },
    { label: 'two threads, two CPUs', cpus: 2, daemons: [two], clients: from(two) },
    { label: 'two threads, `--udp-spread cpu`', cpus: 2, daemons: [spread], clients: from(spread) },
    { label: 'two daemons, each asked from its CPU', cpus: 2, daemons: each, clients: own },
    { label: 'two daemons, each asked from the other CPU', cpus: 2, daemons: each, clients: other },
  ];
}

async function measure(stage: Stage, { rounds, seconds }: RoundOptions): Promise<string> {
  const subjects = await start(stage);
  for (const { clients } of subjects) await putEvenLoad(stage, clients, 1);
  const samples: Sample[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const { label, cpus, daemons, clients } of subjects) {
      const used = () => daemons.reduce((sum, { pid }) => sum + cpuMicroseconds(pid), 0);
      const before = used();
      const { rate, completed } = await putEvenLoad(stage, clients, seconds);
      const cpu = (used() - before) / completed;
      const resident = daemons.reduce((sum, { pid }) => sum + residentOf(pid).now, 0);
      samples.push({ round, label, cpus, rate, cpuMicroseconds: cpu, resident });
      console.error(`round ${round}, ${label}: ${Math.round(rate)} queries/s`);
    }
  }
  return printTable(samples);
}

await runRounds({ name: 'bench:workers', servers: [], measure });
