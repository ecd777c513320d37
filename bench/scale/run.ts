import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runCommand, wholeNumber } from '../command.ts';
import { describeMachine, writeReport } from '../report.ts';
import { withBed } from '../sync/cluster-set.ts';
import { printRows, printUsage } from '../sync/table.ts';
import type { Fleet } from './fleet.ts';
import { measureScale } from './measure.ts';

const USAGE = `Usage: npm run bench:scale [-- options]
  --clusters N       simulated remote clusters, at least 5 (default: 250)
  --services N       services of the cluster set, at most 80 for each cluster (default: 5000)
  --endpoints N      endpoints of each service, a multiple of 5 (default: 50)
  --profile FOLDER   also write profiles of the processor time of controller and daemon there
  --write            put the tables into docs/benchmarks.md; for the default sizes only`;

const DEFAULT: Fleet = { clusters: 250, services: 5_000, endpoints: 50 };
const MOST = 999_999;
/** Of three clusters each on the average: with more, one exports more than a page holds, and there is no second one. */
const MOST_SERVICES = 80;

interface Options {
  readonly fleet: Fleet;
  readonly profiles: string | undefined;
  readonly write: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      clusters: { type: 'string', default: `${DEFAULT.clusters}` },
      services: { type: 'string', default: `${DEFAULT.services}` },
      endpoints: { type: 'string', default: `${DEFAULT.endpoints}` },
      profile: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const fleet = {
    clusters: wholeNumber('--clusters', values.clusters, 5, MOST),
    services: wholeNumber('--services', values.services, 40, MOST),
    endpoints: wholeNumber('--endpoints', values.endpoints, 5, MOST),
  };
  if (fleet.endpoints % 5 !== 0) throw new Error(`--endpoints ${fleet.endpoints}: must be a multiple of 5`);
  if (fleet.services > fleet.clusters * MOST_SERVICES)
    throw new Error(
      `--services ${fleet.services}: ${fleet.clusters * MOST_SERVICES} is the most for so many clusters`,
    );
  const isDefault = JSON.stringify(fleet) === JSON.stringify(DEFAULT);
  if (values.write && !isDefault) throw new Error('--write: docs/benchmarks.md holds the default sizes');
  return { fleet, profiles: values.profile, write: values.write };
}

async function runBench({ fleet, profiles, write }: Options): Promise<number> {
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  if (profiles !== undefined) mkdirSync(profiles, { recursive: true });
  await withBed(1, async bed => {
    await bed.restore();
    const progress = (line: string) => console.error(line);
    const { rows, usage } = await measureScale(bed, fleet, profiles, progress);
    const note = 'Processor time (share of one CPU) and the most memory of each process, by phase:';
    const text = `${describeMachine(new Date())}.\n\n${printRows(rows)}\n\n${note}\n\n${printUsage(usage)}`;
    console.log(text);
    if (write) writeReport('bench:scale', text);
  });
  return 0;
}

await runCommand({ name: 'bench:scale', usage: USAGE, readOptions, run: runBench });
