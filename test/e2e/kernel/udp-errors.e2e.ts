import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DnsPair, CLIENT as GOOD, ip, SERVER } from './dns-pair.ts';

/**
 * What the kernel refuses while the daemon answers in batches: a reply that it does not take must cost no other one,
 * and never the thread.
 */
const COUNT = 100;

let pair: DnsPair;

async function nft(...lines: string[]): Promise<void> {
  const { code, errors } = await pair.server.commands.run('nft', ['-f', '-'], `${lines.join('\n')}\n`);
  if (code !== 0) throw new Error(errors);
}

const ask = (where: string, ...sources: string[]) => pair.ask(where, COUNT, sources);
const sendsRefused = () => pair.metric('causeway_dns_dropped_total{reason="send"}');

beforeAll(async () => {
  pair = await DnsPair.start('--udp-threads', '2');
  await ip(pair.server, 'addr add 10.99.0.2/24 dev eth0');
  await ip(pair.client, 'addr add 10.99.0.8/24 dev eth0', 'addr add 198.51.100.8/32 dev eth0');
  // From here on the threads know the answer.
  await ask(SERVER, GOOD);
});

afterAll(() => pair?.remove());

const firewall = (verdict: string) => ({
  from: '10.99.0.8',
  begin: () =>
    nft(
      'table ip lab {',
      'chain out {',
      'type filter hook output priority 0;',
      `ip daddr 10.99.0.8 ${verdict}`,
      '}',
      '}',
    ),
  end: () => nft('delete table ip lab'),
});
const route = (kind: string) => ({
  from: '198.51.100.8',
  begin: () => ip(pair.server, `route add ${kind} 198.51.100.8/32`),
  end: () => ip(pair.server, `route del ${kind} 198.51.100.8/32`),
});

describe('a client that the kernel sends nothing to costs the others nothing, and the thread goes on', () => {
  test.each([
    { row: 'a firewall drops (EPERM)', ...firewall('drop') },
    { row: 'a firewall rejects', ...firewall('reject') },
    { row: 'no route (ENETUNREACH)', from: '198.51.100.8', begin: async () => {}, end: async () => {} },
    { row: 'a route to nowhere (EHOSTUNREACH)', ...route('unreachable') },
    { row: 'a black hole (EINVAL)', ...route('blackhole') },
    { row: 'a forbidden route (EACCES)', ...route('prohibit') },
  ])('$row', async ({ from, begin, end }) => {
    const before = await sendsRefused();
    await begin();
    const answered = await ask(SERVER, GOOD, from);
    await end();
    expect(answered).toEqual({ [GOOD]: COUNT, [from]: 0 });
    expect((await sendsRefused()) - before).toBe(COUNT);
  });
});

test('an address that goes away while it is asked takes nothing with it, and is answered when it is back', async () => {
  const asking = [1, 2, 3, 4, 5].map(() => ask('10.99.0.2', GOOD, '10.99.0.8'));
  await ip(pair.server, 'addr del 10.99.0.2/24 dev eth0');
  await Promise.all(asking);
  expect(await ask(SERVER, GOOD)).toEqual({ [GOOD]: COUNT });
  expect(await ask('10.99.0.2', GOOD)).toEqual({ [GOOD]: 0 });
  await ip(pair.server, 'addr add 10.99.0.2/24 dev eth0');
  expect(await ask('10.99.0.2', GOOD)).toEqual({ [GOOD]: COUNT });
});

test('a link that goes down and comes back', async () => {
  await ip(pair.server, 'link set eth0 down', 'link set eth0 up');
  expect(await ask(SERVER, GOOD)).toEqual({ [GOOD]: COUNT });
});

test('through all of it no thread had to be started again', async () => {
  expect(await pair.metric('causeway_dns_udp_thread_restarts_total')).toBe(0);
  expect(await pair.metric('causeway_dns_udp_sockets{transport="batched"}')).toBe(2);
});
