import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { undoAtEnd } from '../../test/e2e/kit/leftovers.ts';
import { freePort } from '../../test/e2e/kit/ports.ts';
import { describeMachine, writeReport } from '../report.ts';
import { Meter, residentOf } from '../sync/process-usage.ts';

const NODES = 3;
const SIZES = [20, 200];
const SECONDS = 30;

interface Half {
  readonly pid: number;
  readonly lines: string[];
  until(holds: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

function startHalf(...words: string[]): Half {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'half.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const undone = undoAtEnd(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface(child.stdout).on('line', line => lines.push(line));
  return {
    pid: child.pid ?? 0,
    lines,
    until: async holds => {
      while (!holds()) {
        if (child.exitCode !== null) throw new Error(`${words.join(' ')} ended`);
        await sleep(10);
      }
    },
    stop: async () => {
      child.kill();
      await once(child, 'close');
      undone();
    },
  };
}

/** One line of the table. */
async function measure(clusters: number): Promise<string[]> {
  const words = [await freePort(), clusters, NODES].map(String);
  const answerer = startHalf('answer', ...words);
  await answerer.until(() => answerer.lines.includes('ready'));
  const began = performance.now();
  const asker = startHalf('ask', ...words);
  await asker.until(() => asker.lines.length === clusters);
  const up = (performance.now() - began) / 1_000;
  await sleep(5_000);
  const meter = new Meter(
    new Map([
      ['asker', asker.pid],
      ['answerer', answerer.pid],
    ]),
  );
  await sleep(SECONDS * 1_000);
  const share = (name: string): string => `${((100 * meter.cpu(name)) / meter.seconds).toFixed(1)} %`;
  const [asking, answering] = [share('asker'), share('answerer')];
  const resident = Math.round(residentOf(asker.pid).now);
  if (asker.lines.some(line => line.endsWith('down'))) throw new Error('a path was found down');
  await asker.stop();
  await answerer.stop();
  return [
    `${clusters}`,
    `${clusters * (NODES + 1)} + ${clusters / 2}`,
    `${up.toFixed(1)} s`,
    asking,
    answering,
    `${resident} MiB`,
  ];
}

const head = [
  [
    'clusters',
    'datagrams + connections a second',
    'all up after',
    'asking',
    'answering as many',
    'RSS, asking',
  ],
  ['--:', '--:', '--:', '--:', '--:', '--:'],
];
const rows: string[][] = [];
for (const clusters of SIZES) rows.push(await measure(clusters));
const table = [...head, ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');
const text = `${describeMachine(new Date())}. Shares of one CPU, over ${SECONDS} s.\n\n${table}`;
console.log(text);
if (process.argv.includes('--write')) writeReport('bench:probe', text);
