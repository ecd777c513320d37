import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT_CPU, type RunningServer, startServer } from '../dns/running.ts';
import { causeway } from '../dns/servers/causeway.ts';
import { causewayDgram } from '../dns/servers/causeway-dgram.ts';
import { knot } from '../dns/servers/knot.ts';
import type { Stage } from '../dns/stage.ts';
import { ownerName } from '../dns/zone.ts';
import { putPacedLoad } from '../load/paced.ts';
import type { PacedResult } from '../load/paced-client.ts';
import { type RoundOptions, runRounds } from '../rounds.ts';
import { printTable, type Sample } from './table.ts';

const SERVERS = [causeway, causewayDgram, knot];

/** Of the client whose names are known, by second. */
const RATE = 3_000;
/** Of the flood, where the server can; no more of them are under way than so many. */
const FLOOD_RATE = 20_000;
const FLOOD_OUTSTANDING = 500;
/** Seconds that the flood lasts before and after what is measured. */
const MARGIN = 1;

async function measure(stage: Stage, { rounds, seconds }: RoundOptions): Promise<string> {
  const servers: RunningServer[] = [];
  for (const [server, program] of stage.programs.servers) {
    servers.push(await startServer(stage, server, program));
  }
  for (const { port } of servers) await ask(stage, port, 1);
  const samples: Sample[] = [];
  let floods = 0;
  for (let round = 1; round <= rounds; round++) {
    for (const { server, port } of servers) {
      const alone = await ask(stage, port, seconds);
      samples.push({ server: server.name, flood: undefined, result: alone });
      const [flood, result] = await Promise.all([
        putFlood(stage, port, seconds + 2 * MARGIN, floods++),
        new Promise(begun => setTimeout(begun, MARGIN * 1_000)).then(() => ask(stage, port, seconds)),
      ]);
      samples.push({ server: server.name, flood, result });
      console.error(`round ${round}, ${server.name}: p99 ${alone.latency.p99} and ${result.latency.p99} µs`);
    }
  }
  return printTable(samples);
}

function ask(stage: Stage, port: number, seconds: number): Promise<PacedResult> {
  return putPacedLoad(stage, { port, rate: RATE, seconds, settling: 0, sockets: 1 });
}

/** Asks for names that nobody has asked for before; returns how many a second were answered. */
async function putFlood(stage: Stage, port: number, seconds: number, flood: number): Promise<number> {
  const { zone, directory, fleet, programs } = stage;
  const [record] = zone.records;
  if (record === undefined) throw new Error('the zone is empty');
  const names = Array.from(
    { length: FLOOD_RATE * seconds },
    (_, index) => `x${flood}-${index}.${ownerName(zone, record)} A\n`,
  );
  const questions = join(directory, 'flood');
  writeFileSync(questions, names.join(''));
  const words = ['-s', '127.0.0.1', '-p', port, '-d', questions, '-l', seconds, '-t', 1, '-c', 8];
  const output = await fleet.run({
    program: programs.dnsperf,
    arguments: [...words, '-q', FLOOD_OUTSTANDING, '-Q', FLOOD_RATE].map(String),
    ...{ cpus: [CLIENT_CPU], directory, output: join(directory, 'flood.output') },
  });
  return Number(/Queries completed: +(\d+)/.exec(output)?.[1]) / seconds;
}

await runRounds({ name: 'bench:flood', servers: SERVERS, measure });
