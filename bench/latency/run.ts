import { join } from 'node:path';
import { type RunningServer, startServer } from '../dns/running.ts';
import { causeway } from '../dns/servers/causeway.ts';
import { echo } from '../dns/servers/echo.ts';
import { knot } from '../dns/servers/knot.ts';
import { nsd } from '../dns/servers/nsd.ts';
import type { Stage } from '../dns/stage.ts';
import { Changer } from '../load/changer.ts';
import { putPacedLoad } from '../load/paced.ts';
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

/**
 * The daemon reads what is changed. While others are measured the same is written where nobody reads it: whatever it
 * takes from the client, which shares its CPU with it, it takes from it beside all servers.
 */
async function measureOne(
  stage: Stage,
  { server, port, directory }: RunningServer,
  { rate, changes }: Pace,
  seconds: number,
): Promise<Sample['result']> {
  const read = server === causeway;
  const root = read ? directory : join(stage.directory, 'unread');
  const changer = changes > 0 ? new Changer(root, stage.zone, () => performance.now()) : undefined;
  changer?.start(changes);
  try {
    return await putPacedLoad(stage, {
      port,
      rate,
      settling: SETTLING,
      seconds: SETTLING + seconds,
      sockets: SOCKETS,
    });
  } finally {
    changer?.stop();
  }
}

await runRounds({ name: 'bench:latency', servers: SERVERS, measure });
