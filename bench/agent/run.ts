import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runCommand, wholeNumber } from '../command.ts';
import { describeMachine, writeReport } from '../report.ts';
import { printRows } from '../sync/table.ts';
import { measureFirewall } from './firewall.ts';
import { PEERS } from './fleet.ts';
import { measureScale } from './scale.ts';
import { measureThroughput } from './throughput.ts';

const USAGE = `Usage: npm run bench:agent [-- options]
  --peers N          nodes of other clusters (default: ${PEERS})
  --rounds N         processes that are measured, one after the other (default: 5)
  --streams N        TCP streams by each way, by the agent and by hand in turns (default: 15); datagrams are sent as
                     often with the chains of the agent and without
  --profile FOLDER   also write profiles of the processor time of these processes there
  --write            put the tables into docs/benchmarks.md; for the default sizes only`;

interface Options {
  readonly peers: number;
  readonly rounds: number;
  readonly streams: number;
  readonly profiles: string | undefined;
  readonly write: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      peers: { type: 'string', default: `${PEERS}` },
      rounds: { type: 'string', default: '5' },
      streams: { type: 'string', default: '15' },
      profile: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const peers = wholeNumber('--peers', values.peers, 1, 5_000);
  const rounds = wholeNumber('--rounds', values.rounds, 1, 100);
  const streams = wholeNumber('--streams', values.streams, 1, 100);
  if (values.write && peers !== PEERS) throw new Error('--write: docs/benchmarks.md holds the default size');
  return { peers, rounds, streams, profiles: values.profile, write: values.write };
}

async function runBench({ peers, rounds, streams, profiles, write }: Options): Promise<number> {
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  if (profiles !== undefined) mkdirSync(profiles, { recursive: true });
  const progress = (line: string) => console.error(line);
  const scale = await measureScale(peers, rounds, profiles, progress);
  const throughput = await measureThroughput(streams, progress);
  const firewall = await measureFirewall(streams, progress);
  const text = `${describeMachine(new Date())}.\n\n${printRows([...scale, ...throughput, ...firewall])}`;
  console.log(text);
  if (write) writeReport('bench:agent', text);
  return 0;
}

await runCommand({ name: 'bench:agent', usage: USAGE, readOptions, run: runBench });
