import { type RunningServer, startServer } from '../dns/running.ts';
import { causeway } from '../dns/servers/causeway.ts';
import { causewayDgram } from '../dns/servers/causeway-dgram.ts';
import { knot } from '../dns/servers/knot.ts';
import type { Stage } from '../dns/stage.ts';
import { ownerName } from '../dns/zone.ts';
import type { Pace } from '../latency/table.ts';
import { daemonDrops, socketDrops } from '../load/drops.ts';
import { type AskingLoad, putPacedLoads } from '../load/paced.ts';
import { whileChanging } from '../load/while-changing.ts';
import { type RoundOptions, runRounds } from '../rounds.ts';
import { printTable, type Sample } from './table.ts';

const SERVERS = [causeway, causewayDgram, knot];

/** What is put on beside the client whose names are known: nothing, and up to far more than a slow path answers. */
const FLOODS: readonly Pace[] = [
  { rate: 0, changes: 0 },
  { rate: 10_000, changes: 0 },
  { rate: 20_000, changes: 0 },
  { rate: 40_000, changes: 0 },
  { rate: 80_000, changes: 0 },
  { rate: 0, changes: 1_000 },
  { rate: 40_000, changes: 1_000 },
];

/** Of the client whose names are known, by second. */
const KNOWN_RATE = 3_000;
/** Source ports of the flood. */
const FLOOD_SOCKETS = 8;
/** Seconds after which a flood is what it will be. */
const SETTLING = 1;

async function measure(stage: Stage, { rounds, seconds }: RoundOptions): Promise<string> {
  const servers: RunningServer[] = [];
  for (const [server, program] of stage.programs.servers) {
    servers.push(await startServer(stage, server, program));
  }
  const asker = new Asker(stage);
  for (const running of servers) await asker.measure(running, { rate: 0, changes: 0 }, 1);
  const samples: Sample[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const flood of FLOODS) {
      for (const running of servers) {
        const sample = await asker.measure(running, flood, SETTLING + seconds);
        samples.push(sample);
        const { known, flooded } = sample;
        const answered = `${known.answered} of ${known.sent} and ${flooded?.answered ?? 0} of the flood`;
        console.error(`round ${round}, ${flood.rate}/s, ${sample.server}: ${answered} answered`);
      }
    }
  }
  return printTable(samples);
}

/** Asks for known names and, beside them, for those that no server was asked for before. */
class Asker {
  readonly #stage: Stage;
  readonly #below: string;
  /** Names that were made so far. */
  #made = 0;

  constructor(stage: Stage) {
    const [record] = stage.zone.records;
    if (record === undefined) throw new Error('the zone is empty');
    this.#stage = stage;
    this.#below = ownerName(stage.zone, record);
  }

  async measure(running: RunningServer, flood: Pace, seconds: number): Promise<Sample> {
    const before = await dropsOf(running);
    const loads = this.#loads(running.port, flood.rate, seconds);
    const put = () => putPacedLoads(this.#stage, loads);
    const [known, flooded] = await whileChanging(this.#stage, running, flood.changes, put);
    if (known === undefined) throw new Error('the known names have no result');
    const after = await dropsOf(running);
    return {
      ...{ server: running.server.name, flood, known, flooded },
      overload: after.overload === undefined ? undefined : after.overload - (before.overload ?? 0),
      noRoom: after.noRoom - before.noRoom,
    };
  }

  #loads(port: number, rate: number, seconds: number): AskingLoad[] {
    const common = { port, seconds, settling: SETTLING };
    const known = { ...common, rate: KNOWN_RATE, sockets: 1, asked: { file: this.#stage.queryFile } };
    if (rate === 0) return [known];
    const asked = { below: this.#below, first: this.#made };
    this.#made += rate * seconds;
    return [known, { ...common, rate, sockets: FLOOD_SOCKETS, asked }];
  }
}

/** What was dropped so far: by the kernel for want of room, and by the daemon, where that is ours. */
async function dropsOf({
  server,
  port,
  httpPort,
}: RunningServer): Promise<Pick<Sample, 'overload' | 'noRoom'>> {
  const noRoom = socketDrops(port);
  return { noRoom, overload: server === knot ? undefined : (await daemonDrops(httpPort)).overload };
}

await runRounds({ name: 'bench:flood', servers: SERVERS, measure });
