import { afterAll, beforeAll, expect, test } from 'vitest';
import { allowedCpus } from '../../../src/serve/batched/affinity.ts';
import { loadSystemCalls } from '../../../src/serve/batched/system-calls.ts';
import { CLIENT, DnsPair, SERVER } from './dns-pair.ts';

/**
 * Whose a datagram is where threads have CPUs of their own and pods of the same node ask: it comes over a veth pair,
 * and arrives on the CPU that it was sent on.
 */
const CPUS = allowedCpus(await loadSystemCalls()).slice(0, 2);
/** Each has a port of its own, so a hash would give some of them to each thread. */
const CLIENTS = Array.from({ length: 20 }, () => CLIENT);

let pair: DnsPair;

beforeAll(async () => {
  pair = await DnsPair.start('--udp-threads', '2', '--udp-spread', 'cpu');
});

afterAll(() => pair?.remove());

/** The daemon's sockets in which datagrams wait. */
async function waiting(): Promise<string[]> {
  const { output } = await pair.server.commands.run('cat', ['/proc/net/udp']);
  const rows = output.split('\n').map(line => line.trim().split(/\s+/));
  return rows
    .filter(([, local, , , queues]) => local === '00000000:0035' && !queues?.endsWith(':00000000'))
    .map(row => row[9] ?? '');
}

test('the log says which CPUs threads have', () => {
  expect(pair.daemon.output()).toContain(`"cpus":[${CPUS}]`);
});

test('while the daemon is halted, all that comes from one CPU waits for one thread; then it is answered', async () => {
  const sockets = new Set<string>();
  for (const cpu of CPUS) {
    const ask = () => pair.ask(SERVER, 1, CLIENTS, ['taskset', '--cpu-list', String(cpu)]);
    pair.daemon.signal('SIGSTOP');
    expect(await ask()).toEqual({ [CLIENT]: 0 });
    const [socket = '', ...others] = await waiting();
    pair.daemon.signal('SIGCONT');
    expect(others).toEqual([]);
    sockets.add(socket);
    expect(await ask()).toEqual({ [CLIENT]: 1 });
    expect(await waiting()).toEqual([]);
  }
  expect([...sockets]).toHaveLength(CPUS.length);
  expect(sockets).not.toContain('');
});
