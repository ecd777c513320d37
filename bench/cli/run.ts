import { parseArgs } from 'node:util';
import { describeMachine, writeReport } from '../report.ts';
import { withBed } from '../sync/cluster-set.ts';
import { measure, printMeasured } from './measure.ts';

const USAGE = `Usage: npm run bench:cli [-- options]
  --write   put the table into docs/benchmarks.md`;

async function main(): Promise<number> {
  let write: boolean;
  try {
    const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
    write = values.write;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  try {
    await withBed(2, async (bed, folder) => {
      const text = `${describeMachine(new Date())}.\n\n${printMeasured(await measure(bed, folder))}`;
      console.log(text);
      if (write) writeReport('bench:cli', text);
    });
    return 0;
  } catch (error) {
    console.error(`bench:cli: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

process.exitCode = await main();
