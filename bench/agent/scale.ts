import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Namespace, namespace } from '../../test/e2e/kernel/namespace.ts';
import { undoAtEnd } from '../../test/e2e/kit/leftovers.ts';
import { podEnvironment } from '../pod-environment.ts';
import { type Row, whole } from '../sync/table.ts';
import { CLUSTERS, DEVICE, OWN_ADDRESSES } from './fleet.ts';
import { spread } from './spread.ts';
import type { Measured } from './subject.ts';

const SUBJECT = fileURLToPath(new URL('subject.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const run = promisify(execFile);

/** So many times a new process in a new namespace. @param profiles where Node's profiles go */
export async function measureScale(
  peers: number,
  rounds: number,
  profiles: string | undefined,
  progress: (line: string) => void,
): Promise<Row[]> {
  const all: Measured[] = [];
  await run(process.execPath, [SUBJECT, '0'], { env: environment() });
  while (all.length < rounds) {
    progress(`${whole(peers)} peers, round ${all.length + 1} of ${rounds}`);
    const node = await nodeNamespace();
    try {
      all.push(await measureOnce(node, peers, profiles));
    } finally {
      await node.remove();
    }
  }
  return rowsOf(peers, all);
}

/** With a device that leads somewhere, over which nothing is ever sent. */
async function nodeNamespace(): Promise<Namespace> {
  const node = await namespace('bench');
  const lines = [
    `link add ${DEVICE} type veth peer name far`,
    `link set ${DEVICE} up`,
    `addr add ${OWN_ADDRESSES.IPv4}/16 dev ${DEVICE}`,
    `addr add ${OWN_ADDRESSES.IPv6}/64 dev ${DEVICE} nodad`,
  ];
  const { code, errors } = await node.commands.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  if (code !== 0) throw new Error(`a network namespace: ${errors}`);
  return node;
}

async function measureOnce(
  { inside: [command = '', ...before] }: Namespace,
  peers: number,
  profiles: string | undefined,
): Promise<Measured> {
  const profiling = profiles === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profiles];
  const args = [...before, process.execPath, ...profiling, SUBJECT, `${peers}`];
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: environment() });
  const undone = undoAtEnd(() => child.kill('SIGKILL'));
  const gone = once(child, 'exit');
  const ended = gone.then(([code]) => Promise.reject(new Error(`what was measured ended with ${code}`)));
  const [measured] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  child.disconnect();
  await gone;
  undone();
  return measured as Measured;
}

/** As in the image, with all code compiled before, and in the pod. */
function environment(): NodeJS.ProcessEnv {
  const cache = join(ROOT, '.cache/compile');
  return { ...process.env, ...podEnvironment('agent/daemonset.yaml'), NODE_COMPILE_CACHE: cache };
}

function rowsOf(peers: number, all: readonly Measured[]): Row[] {
  const of = (what: string, values: readonly number[], most?: number): Row => {
    const { text, median } = spread(values);
    const target = most === undefined ? {} : { target: { said: `< ${whole(most)} ms`, met: median < most } };
    return { what, measured: `${text} ms`, ...target };
  };
  const operations = all.reduce((sum, { operationsAtRest }) => sum + operationsAtRest, 0);
  const resident = all.map(({ resident: { now } }) => now);
  const peak = all.map(({ resident: { peak } }) => peak);
  const fleet = `${whole(peers)} peers in ${CLUSTERS} clusters`;
  return [
    of(
      `${fleet}, empty kernel: first look and everything applied (${whole(all[0]?.firstOperations ?? 0)} operations)`,
      all.map(({ first }) => first),
      1_500,
    ),
    of(
      'nothing has changed: observe, plan and diff',
      all.flatMap(({ atRest }) => atRest),
      150,
    ),
    {
      what: 'the same, operations',
      measured: whole(operations),
      target: { said: '0', met: operations === 0 },
    },
    of(
      'one peer moved → the kernel tells of its new route',
      all.flatMap(({ moves }) => moves),
      100,
    ),
    of(
      'the same, until the look has ended: observe, plan, diff and apply',
      all.flatMap(({ afterMoves }) => afterMoves),
    ),
    {
      what: 'RSS afterwards',
      measured: `${spread(resident).text} MiB`,
      target: { said: '< 150 MB', met: Math.max(...resident) * 1.048576 < 150 },
    },
    { what: 'RSS at most', measured: `${spread(peak).text} MiB` },
  ];
}
