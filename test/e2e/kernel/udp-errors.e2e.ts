import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleMesh } from '../kit/daemon.ts';
import { type Running, run, start } from '../kit/process.ts';
import { type Namespace, namespace } from './namespace.ts';

/**
 * What the kernel refuses while the daemon answers in batches: a reply that it does not take must cost no other one,
 * and never the thread.
 */
const MAIN = join(import.meta.dirname, '../../../src/main.js');
const ASKER = join(import.meta.dirname, 'asker.ts');
const PAGES = '127.0.0.1:9353';
const GOOD = '10.99.0.7';
const COUNT = 100;

let server: Namespace;
let client: Namespace;
let daemon: Running;

async function ip({ commands }: Namespace, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    const { code, errors } = await commands.run('ip', line.split(' '));
    if (code !== 0) throw new Error(`${line}: ${errors}`);
  }
}

async function nft(...lines: string[]): Promise<void> {
  const { code, errors } = await server.commands.run('nft', ['-f', '-'], `${lines.join('\n')}\n`);
  if (code !== 0) throw new Error(errors);
}

async function ask(where: string, ...sources: string[]): Promise<Record<string, number>> {
  const [command = '', ...words] = client.inside;
  const asked = ['ask', where, String(COUNT), ...sources];
  return JSON.parse(await run(command, [...words, process.execPath, ASKER, ...asked]));
}

/** What a metric of the daemon says. */
async function metric(series: string): Promise<number> {
  const [command = '', ...words] = server.inside;
  const text = await run(command, [...words, process.execPath, ASKER, 'page', `http://${PAGES}/metrics`]);
  const line = text.split('\n').find(each => each.startsWith(`${series} `));
  return Number(line?.split(' ')[1]);
}

const sendsRefused = () => metric('causeway_dns_dropped_total{reason="send"}');

beforeAll(async () => {
  server = await namespace('dns');
  client = await namespace('asker');
  await ip(server, `link add eth0 type veth peer name eth0 netns ${client.name}`);
  for (const side of [server, client]) {
    for (const part of ['all', 'default', 'eth0'])
      await side.sysctls.write(`ipv4/conf/${part}/rp_filter`, '0');
  }
  await ip(server, 'link set eth0 up', 'addr add 10.99.0.1/24 dev eth0', 'addr add 10.99.0.2/24 dev eth0');
  await ip(client, 'link set eth0 up', `addr add ${GOOD}/24 dev eth0`, 'addr add 10.99.0.8/24 dev eth0');
  await ip(client, 'addr add 198.51.100.8/32 dev eth0');
  const settings = ['--source', `directory:${sampleMesh}`, '--cluster-id', 'east', '--http-listen', PAGES];
  const udp = ['--listen', '0.0.0.0:53', '--udp-transport', 'batched', '--udp-threads', '2'];
  const [command = '', ...words] = server.inside;
  daemon = start(command, [...words, process.execPath, MAIN, 'dns', ...settings, ...udp]);
  await daemon.until('ready', () => daemon.output().includes('ready'));
  // From here on the threads know the answer.
  await ask('10.99.0.1', GOOD);
});

afterAll(async () => {
  await daemon?.stop();
  await client?.remove();
  await server?.remove();
});

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
  begin: () => ip(server, `route add ${kind} 198.51.100.8/32`),
  end: () => ip(server, `route del ${kind} 198.51.100.8/32`),
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
    const answered = await ask('10.99.0.1', GOOD, from);
    await end();
    expect(answered).toEqual({ [GOOD]: COUNT, [from]: 0 });
    expect((await sendsRefused()) - before).toBe(COUNT);
  });
});

test('an address that goes away while it is asked takes nothing with it, and is answered when it is back', async () => {
  const asking = [1, 2, 3, 4, 5].map(() => ask('10.99.0.2', GOOD, '10.99.0.8'));
  await ip(server, 'addr del 10.99.0.2/24 dev eth0');
  await Promise.all(asking);
  expect(await ask('10.99.0.1', GOOD)).toEqual({ [GOOD]: COUNT });
  expect(await ask('10.99.0.2', GOOD)).toEqual({ [GOOD]: 0 });
  await ip(server, 'addr add 10.99.0.2/24 dev eth0');
  expect(await ask('10.99.0.2', GOOD)).toEqual({ [GOOD]: COUNT });
});

test('a link that goes down and comes back', async () => {
  await ip(server, 'link set eth0 down', 'link set eth0 up');
  expect(await ask('10.99.0.1', GOOD)).toEqual({ [GOOD]: COUNT });
});

test('through all of it no thread had to be started again', async () => {
  expect(await metric('causeway_dns_udp_thread_restarts_total')).toBe(0);
  expect(await metric('causeway_dns_udp_sockets{transport="batched"}')).toBe(2);
});
