import { join } from 'node:path';
import type { Bed } from '../../test/e2e/bed/bed.ts';
import type { Cluster } from '../../test/e2e/bed/cluster.ts';
import { nodeAddress } from '../../test/e2e/bed/description.ts';
import { Operator } from '../../test/e2e/bed/operator.ts';
import { summarize } from '../sync/statistics.ts';

/** One row of the table. */
export interface Measured {
  readonly what: string;
  readonly milliseconds: readonly number[];
  /** Milliseconds that half of them shall stay below. */
  readonly target?: number;
}

const TIMES = 20;

/** Starts of the program that need no cluster. */
async function measureHelp(operator: Operator): Promise<Measured[]> {
  const rows: Measured[] = [];
  for (const words of [['--help'], ['connect', '--help'], ['status', '--help']]) {
    await once(operator, words);
    const milliseconds = await repeated(operator, words);
    rows.push({ what: `\`${words.join(' ')}\``, milliseconds, target: 150 });
  }
  return rows;
}

/** What an operator does with two clusters, in that order. */
export async function measure(bed: Bed, folder: string): Promise<Measured[]> {
  const [east, west] = bed.clusters;
  if (east === undefined || west === undefined) throw new Error('the bed has no two clusters');
  const operator = await Operator.of(join(folder, 'kubeconfig'), bed.clusters);
  const help = await measureHelp(operator);
  await Promise.all(bed.clusters.map(({ node }) => node.start()));
  try {
    const enable = await once(operator, ['enable', '--context', 'east', '--cluster-id', 'east']);
    await once(operator, ['enable', '--context', 'west', '--cluster-id', 'west']);
    const pair = ['connect', '--context', 'east', '--destination-context', 'west', ...serversOf(east, west)];
    const connect = await once(operator, pair);
    const again = await once(operator, pair);
    const status = ['status', '--context', 'east'];
    return [
      ...help,
      { what: '`enable`, until everything is ready', milliseconds: enable },
      { what: '`connect`, until both are Synced and Serving', milliseconds: connect, target: 10_000 },
      { what: '`connect` again', milliseconds: again },
      { what: '`status`', milliseconds: await repeated(operator, status), target: 1_500 },
    ];
  } finally {
    await Promise.all(bed.clusters.map(({ node }) => node.stop()));
  }
}

/** Milliseconds of one run, which has to end with one of these codes. */
async function once(
  operator: Operator,
  words: readonly string[],
  codes: readonly number[] = [0],
): Promise<number[]> {
  const { code, output, told, milliseconds } = await operator.run(words);
  if (code !== null && codes.includes(code)) return [milliseconds];
  throw new Error(`causeway ${words.join(' ')} ended with ${code}:\n${told}${output}`);
}

/** Whether what it finds is good or bad (exit code 1) makes no difference to how long it takes to look. */
async function repeated(operator: Operator, words: readonly string[]): Promise<number[]> {
  const all: number[] = [];
  while (all.length < TIMES) all.push(...(await once(operator, words, [0, 1])));
  return all;
}

/** Where the pods of the other cluster reach each API server. */
function serversOf(east: Cluster, west: Cluster): string[] {
  const server = ({ description }: Cluster) => `https://${nodeAddress(description)}:${description.ports.api}`;
  return ['--server-override', server(east), '--destination-server-override', server(west)];
}

/** As Markdown. */
export function printMeasured(rows: readonly Measured[]): string {
  const lines = rows.map(({ what, milliseconds, target }) => {
    const { count, p50, max } = summarize(milliseconds);
    const wanted = target === undefined ? '' : `< ${target}`;
    return `| ${what} | ${count} | ${Math.round(p50)} | ${Math.round(max)} | ${wanted} |`;
  });
  return [
    '| command | times | median ms | slowest ms | target |',
    '| :-- | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}
