import { headlessMesh } from '../dns/mesh.ts';
import { CLIENT_CPU, type RunningServer, SERVER_CPU, startServer } from '../dns/running.ts';
import { launchCauseway } from '../dns/servers/causeway.ts';
import { causewayBatched } from '../dns/servers/causeway-batched.ts';
import type { DnsServer } from '../dns/servers/server.ts';
import type { Stage } from '../dns/stage.ts';
import { cpuMicroseconds } from '../dns/usage.ts';
import { type RoundOptions, runRounds } from '../rounds.ts';
import { residentOf } from '../sync/process-usage.ts';
import { putEvenLoad } from './even-load.ts';
import { printTable, type Sample } from './table.ts';

/** The daemon with as many serving threads as CPUs that it may run on. */
function withThreads(threads: number): DnsServer {
  const settings = { '--udp-transport': 'batched', '--udp-threads': String(threads) };
  return {
    ...causewayBatched,
    name: `causeway, ${threads}`,
    prepare: (zone, place) => launchCauseway(headlessMesh(zone), place, settings),
  };
}

const CPUS = [[SERVER_CPU], [SERVER_CPU, CLIENT_CPU]];

async function measure(stage: Stage, { rounds, seconds }: RoundOptions): Promise<string> {
  const subjects: { running: RunningServer; cpus: readonly number[] }[] = [];
  for (const cpus of CPUS) {
    const running = await startServer(stage, withThreads(cpus.length), process.execPath, cpus);
    await putEvenLoad(stage, running.port, cpus, 1);
    subjects.push({ running, cpus });
  }
  const samples: Sample[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const { running, cpus } of subjects) {
      const before = cpuMicroseconds(running.pid);
      const { rate, completed } = await putEvenLoad(stage, running.port, cpus, seconds);
      const cpu = (cpuMicroseconds(running.pid) - before) / completed;
      const resident = residentOf(running.pid).now;
      samples.push({ round, threads: cpus.length, rate, cpuMicroseconds: cpu, resident });
      console.error(`round ${round}, ${cpus.length} threads: ${Math.round(rate)} queries/s`);
    }
  }
  return printTable(samples);
}

await runRounds({ name: 'bench:workers', servers: [], measure });
