import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runCommand, wholeNumber } from '../command.ts';
import { describeMachine, writeReport } from '../report.ts';
import { withBed } from './cluster-set.ts';
import { measureSync } from './measure.ts';
import { printRows, printUsage } from './table.ts';

const USAGE = `Usage: npm run bench:sync [-- options]
  --services N       services that east exports (default: 2000)
  --profile FOLDER   also write profiles of the processor time of controllers and daemon there
  --write            put the tables into docs/benchmarks.md`;

interface Options {
  readonly services: number;
  readonly profiles: string | undefined;
  readonly write: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      services: { type: 'string', default: '2000' },
      profile: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const services = wholeNumber('--services', values.services, 40, 60_000);
  return { services, profiles: values.profile, write: values.write };
}

async function runBench({ services, profiles, write }: Options): Promise<number> {
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  if (profiles !== undefined) mkdirSync(profiles, { recursive: true });
  await withBed(2, async bed => {
    await bed.restore();
    const progress = (line: string) => console.error(line);
    const { rows, usage } = await measureSync(bed, services, profiles, progress);
    const note = 'Processor time (share of one CPU) and the most memory of each process, by phase:';
    const text = `${describeMachine(new Date())}.\n\n${printRows(rows)}\n\n${note}\n\n${printUsage(usage)}`;
    console.log(text);
    if (write) writeReport('bench:sync', text);
  });
  return 0;
}

await runCommand({ name: 'bench:sync', usage: USAGE, readOptions, run: runBench });
