import { parseArgs } from 'node:util';
import { positive, runCommand } from './command.ts';
import type { DnsServer } from './dns/servers/server.ts';
import { onStage, type Stage } from './dns/stage.ts';
import { describeMachine, writeReport } from './report.ts';

export interface RoundOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly write: boolean;
}

export interface RoundsBench {
  /** `bench:latency` */
  readonly name: string;
  /** Found before anything starts. */
  readonly servers: readonly DnsServer[];
  /** Returns the table. */
  readonly measure: (stage: Stage, options: RoundOptions) => Promise<string>;
}

/** Runs a benchmark in which all take turns for some seconds each. */
export async function runRounds({ name, servers, measure }: RoundsBench): Promise<void> {
  const usage = `Usage: npm run ${name} -- [options]
  --rounds N       turns each has (default: 5)
  --seconds N      length of each measurement (default: 3)
  --write          put the table into docs/benchmarks.md`;
  const run = async (options: RoundOptions): Promise<number> => {
    const table = await onStage(name, servers, stage => measure(stage, options));
    const extent = `medians of ${options.rounds}, ${options.seconds} s a measurement`;
    const text = `${describeMachine(new Date())}; ${extent}.\n\n${table}`;
    console.log(text);
    if (options.write) writeReport(name, text);
    return 0;
  };
  await runCommand({ name, usage, readOptions, run });
}

function readOptions(args: readonly string[]): RoundOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: positive('--rounds', values.rounds),
    seconds: positive('--seconds', values.seconds),
    write: values.write,
  };
}
