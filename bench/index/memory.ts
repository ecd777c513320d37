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
 * What serving threads take beside the index: the daemon with each number of them, once it was asked for every name and
 * every thread for as many as it holds, against the daemon without any that was asked the same.
 */

/** Milliseconds without queries, after which young garbage is gone. */
const REST = 6_000;
/**
 * Sockets that ask for what a table holds, one after the other: few enough to wait for, and hardly any thread gets
 * none. A thread that is asked a second time has the answers, so that only the first time takes long.
 */
const CLIENTS = 12;
/** Of a table that share is asked for: three quarters of it are for names that exist. */
const HELD = 0.7;
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

/** Asks for names once, from a socket of its own. */
function ask(port: number, names: readonly string[], queryFile: string): void {
  writeFileSync(queryFile, names.map(name => `${name} A\n`).join(''));
  const words = ['-s', '127.0.0.1', '-p', String(port), '-d', queryFile, '-n', '1', '-c', '1', '-q', '200'];
  execFileSync('dnsperf', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function measure(root: string, names: readonly string[], queryFile: string): Promise<void> {
  console.log('| threads | `--compiled-answers` | resident when ready | asked for every name | may be |');
  console.log('| --: | --: | --: | --: | --: |');
  let index = 0;
  for (const { threads, settings, answers } of ROWS) {
    const daemon = await Daemon.start(root, [...settings, '--compiled-answers', String(answers)]);
    try {
      await daemon.ready();
      await sleep(REST);
      const ready = daemon.resident.now;
      ask(daemon.port, names, queryFile);
      const held = names.slice(0, HELD * answers);
      for (let client = 0; client < CLIENTS; client++) ask(daemon.port, held, queryFile);
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
  console.log(
    `${describeMachine(new Date())}. MiB, with ${SERVICES.toLocaleString('en-US')} services × 3 endpoints.\n`,
  );
  await measure(join(root, 'mesh'), [...domainNames()], join(root, 'queries'));
} finally {
  remove();
  undone();
}
