import { type RunningServer, startServer } from '../dns/running.ts';
import { causeway } from '../dns/servers/causeway.ts';
import { echo } from '../dns/servers/echo.ts';
import { knot } from '../dns/servers/knot.ts';
import { nsd } from '../dns/servers/nsd.ts';
import type { Stage } from '../dns/stage.ts';
import { putPacedLoad } from '../load/paced.ts';
import type { PacedResult } from '../load/paced-stream.ts';
import { whileChanging } from '../load/while-changing.ts';
import { type RoundOptions, runRounds } from '../rounds.ts';
import { type Pace, printTable, type Sample } from './table.ts';

const SERVERS = [causeway, knot, nsd, echo];

const PACES: readonly Pace[] = [
  { rate: 20_000, changes: 0 },
  { rate: 50_000, changes: 0 },
  { rate: 50_000, changes: 1_000 },
];

/** Seconds. Where services change from now on, each has to be asked for once until only changes are news. */
const SETTLING = 1;

/** Source ports of the client. */
const SOCKETS = 4;

async function measure(stage: Stage, { rounds, seconds }: RoundOptions): Promise<string> {
  const servers: RunningServer[] = [];
  for (const [server, program] of stage.programs.servers) {
    servers.push(await startServer(stage, server, program));
  }
  for (const running of servers) await measureOne(stage, running, { rate: 20_000, changes: 0 }, 1);
  const samples: Sample[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const pace of PACES) {
      for (const running of servers) {
        const result = await measureOne(stage, running, pace, seconds);
        samples.push({ round, server: running.server.name, pace, result });
        const { p99, p999 } = result.latency;
        console.error(`round ${round}, ${pace.rate}/s, ${running.server.name}: ${p99} and ${p999} µs`);
      }
    }
  }
  return printTable(samples);
}

function measureOne(
  stage: Stage,
  running: RunningServer,
  { rate, changes }: Pace,
  seconds: number,
): Promise<PacedResult> {
  const { port } = running;
  const load = { port, rate, settling: SETTLING, seconds: SETTLING + seconds, sockets: SOCKETS };
  return whileChanging(stage, running, changes, () => putPacedLoad(stage, load));
}

await runRounds({ name: 'bench:latency', servers: SERVERS, measure });
