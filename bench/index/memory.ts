import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { undoAtEnd } from '../../test/e2e/kit/leftovers.ts';
import { describeMachine } from '../report.ts';
import { Daemon } from './daemon.ts';
import { domainNames, generateMesh, SERVICES } from './generate.ts';

/**
 * What serving threads take beside the index: the daemon with each number of them, once every thread was asked for
 * every name, against the daemon without any that was asked the same.
 */

/** Milliseconds without queries, after which young garbage is gone. */
const REST = 6_000;
/** Sockets that ask for every name, one after the other: few enough to wait for, and hardly any thread gets none. */
const CLIENTS = 12;
/** Of one index, what a thread may take. */
const SHARE = 0.35;

const ROWS = [
  { threads: 0, settings: ['--udp-transport', 'dgram'], answers: 65_536 },
  ...[1, 2, 3].map(threads => ({
    threads,
    settings: ['--udp-transport', 'batched', '--udp-threads', String(threads)],
    answers: 65_536,
  })),
  { threads: 1, settings: ['--udp-transport', 'batched'], answers: 2 * SERVICES },
];

/** Asks for every name once, from a socket of its own. */
function askAll(port: number, queryFile: string): void {
  const words = ['-s', '127.0.0.1', '-p', String(port), '-d', queryFile, '-n', '1', '-c', '1', '-q', '200'];
  execFileSync('dnsperf', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function measure(root: string, queryFile: string): Promise<void> {
  console.log('| threads | `--compiled-answers` | resident when ready | asked for every name | may be |');
  console.log('| --: | --: | --: | --: | --: |');
  let index = 0;
  for (const { threads, settings, answers } of ROWS) {
    const daemon = await Daemon.start(root, [...settings, '--compiled-answers', String(answers)]);
    try {
      await daemon.ready();
      await sleep(REST);
      const ready = daemon.resident.now;
      for (let client = 0; client < CLIENTS; client++) askAll(daemon.port, queryFile);
      await sleep(REST);
      const asked = daemon.resident.now;
      if (threads === 0) index = asked;
      const cells = [threads, answers, ready, asked, (1 + SHARE * threads) * index];
      console.log(`| ${cells.map(cell => Math.round(cell).toLocaleString('en-US')).join(' | ')} |`);
    } finally {
      await daemon.stop();
    }
  }
}

const root = mkdtempSync(join(tmpdir(), 'causeway-bench-memory-'));
const remove = () => rmSync(root, { recursive: true, force: true });
const undone = undoAtEnd(remove);
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
try {
  await generateMesh(join(root, 'mesh'));
  const queryFile = join(root, 'queries');
  writeFileSync(queryFile, Array.from(domainNames(), name => `${name} A\n`).join(''));
  console.log(
    `${describeMachine(new Date())}. MiB, with ${SERVICES.toLocaleString('en-US')} services × 3 endpoints.\n`,
  );
  await measure(join(root, 'mesh'), queryFile);
} finally {
  remove();
  undone();
}
