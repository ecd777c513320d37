import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { MOST_HELD } from '../../src/serve/tcp.ts';
import { undoAtEnd } from '../../test/e2e/kit/leftovers.ts';
import { query } from '../../test/kit/packet.ts';
import { framed } from '../../test/kit/tcp-client.ts';
import { runCommand, wholeNumber } from '../command.ts';
import { describeMachine } from '../report.ts';
import { residentOf } from '../sync/process-usage.ts';
import { systemMemory } from './system-memory.ts';

/**
 * What clients that only want to do harm make the TCP side of the daemon take: of its process, and of the kernel for
 * its sockets.
 */

interface Attack {
  readonly label: string;
  /** What each client sends. */
  readonly octets: Buffer;
  /** Octets of each reply. */
  readonly reply: number;
}

interface Options {
  readonly clients: number;
  /** Measured without the joint bound as well. */
  readonly unbounded: boolean;
}

const ASK = framed(query('payments.shop.svc.clusterset.local', 'A', { id: 1 }));

const ATTACKS: readonly Attack[] = [
  {
    label: '4,000 queries, replies of 16 KiB that nobody reads',
    octets: Buffer.concat(Array.from({ length: 4_000 }, () => ASK)),
    reply: 16_384,
  },
  {
    label: '64 KiB but for the last octet',
    octets: framed(Buffer.alloc(65_535)).subarray(0, -1),
    reply: 12,
  },
];

/** As `deploy/` has it. */
const SEMI_SPACE = '--max-semi-space-size=16';
/** Milliseconds: all that waits is cut off after 5 s. */
const WATCHED = 7_000;
const BETWEEN = 200;
/** Addresses that the clients have. */
const ADDRESSES = 64;

interface Server {
  readonly pid: number;
  readonly port: number;
  /** Connections closed for what all hold together. */
  closedForMemory(): Promise<number>;
  stop(): Promise<void>;
}

async function startServer(held: number, reply: number): Promise<Server> {
  const words = [
    SEMI_SPACE,
    join(import.meta.dirname, 'server.ts'),
    '--held',
    `${held}`,
    '--reply',
    `${reply}`,
  ];
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const undone = undoAtEnd(() => child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value } = await lines.next();
    if (value === undefined) throw new Error('the server ended');
    return value;
  };
  const port = Number(await next());
  return {
    pid: child.pid ?? 0,
    port,
    closedForMemory: async () => {
      child.stdin.write('\n');
      return JSON.parse(await next()).memory;
    },
    stop: async () => {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
      undone();
    },
  };
}

async function connectTo(port: number, index: number): Promise<Socket> {
  const localAddress = `127.0.1.${1 + (index % ADDRESSES)}`;
  const socket = connect({ port, host: '127.0.0.1', localAddress }).pause();
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** @param atOnce nobody sends before all are connected */
async function attack(port: number, octets: Buffer, clients: number, atOnce: boolean): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < clients; index += 1) {
    const socket = await connectTo(port, index);
    if (!atOnce) socket.write(octets);
    sockets.push(socket);
  }
  if (atOnce) for (const socket of sockets) socket.write(octets);
  return sockets;
}

interface Circumstances {
  readonly clients: number;
  readonly held: number;
  readonly atOnce: boolean;
}

async function measure(
  { octets, reply }: Attack,
  { clients, held, atOnce }: Circumstances,
): Promise<number[]> {
  const server = await startServer(held, reply);
  const first = await connectTo(server.port, clients);
  const before = residentOf(server.pid).now;
  let system = 0;
  const look = setInterval(() => {
    system = Math.max(system, systemMemory(server.port));
  }, BETWEEN);
  const sockets = await attack(server.port, octets, clients, atOnce);
  await sleep(WATCHED);
  clearInterval(look);
  const cells = [residentOf(server.pid).peak - before, system, await server.closedForMemory()];
  for (const socket of [first, ...sockets]) socket.destroy();
  await server.stop();
  return cells;
}

async function run({ clients, unbounded }: Options): Promise<number> {
  console.log(`${describeMachine(new Date())}. At most at any time, in MiB.\n`);
  console.log(
    `| ${clients.toLocaleString('en-US')} clients | the process grows by | the kernel takes | reset |`,
  );
  console.log('| :-- | --: | --: | --: |');
  const ways = [
    { way: 'one after the other', held: MOST_HELD, atOnce: false },
    { way: 'all at once', held: MOST_HELD, atOnce: true },
    { way: 'all at once, without the joint bound', held: Number.MAX_SAFE_INTEGER, atOnce: true },
  ].slice(0, unbounded ? 3 : 2);
  for (const one of ATTACKS) {
    for (const { way, held, atOnce } of ways) {
      const cells = await measure(one, { clients, held, atOnce });
      const row = [`${one.label}: ${way}`, ...cells.map(cell => Math.round(cell).toLocaleString('en-US'))];
      console.log(`| ${row.join(' | ')} |`);
    }
  }
  return 0;
}

await runCommand({
  name: 'bench:tcp',
  usage: `Usage: npm run bench:tcp -- [options]
  --clients N   how many there are (default: 2048)
  --unbounded   without the joint bound as well`,
  readOptions: args => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        clients: { type: 'string', default: '2048' },
        unbounded: { type: 'boolean', default: false },
      },
    });
    return { clients: wholeNumber('--clients', values.clients, 1, 10_000), unbounded: values.unbounded };
  },
  run,
});
