import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { HttpServer, plain } from '../../src/serve/http.ts';
import { MOST_UNTAKEN } from '../../src/serve/untaken-pages.ts';
import { heldOctets } from '../kit/memory.ts';

/** More than a kernel takes for who does not read. */
const LARGE = 8 * 2 ** 20;
const CLIENTS = 64;

interface Served {
  readonly server: HttpServer;
  readonly port: number;
  /** How many large pages were made. */
  readonly made: () => number;
}

async function serve(octets = LARGE): Promise<Served> {
  let made = 0;
  const server = new HttpServer({
    listen: { address: '127.0.0.1', port: 0 },
    pages: {
      '/large': () => {
        made += 1;
        return { type: 'text/plain', body: Buffer.alloc(octets, 'x') };
      },
      '/healthz': () => plain(200, 'ok\n'),
    },
  });
  onTestFinished(() => server.stop());
  const [bound] = await server.start();
  return { server, port: bound?.port ?? 0, made: () => made };
}

/** Connections of one client that ask for the page, `times` at once, and never read. */
async function neverRead(port: number, localAddress: string, times: number): Promise<void> {
  const sockets = Array.from({ length: CLIENTS }, () => connect({ port, host: '127.0.0.1', localAddress }));
  for (const socket of sockets) {
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {}).pause();
    socket.once('connect', () => socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(times)));
  }
  await Promise.all(sockets.map(socket => once(socket, 'connect')));
}

async function takes(port: number, octets: number): Promise<void> {
  const page = await fetch(`http://127.0.0.1:${port}/large`);
  expect((await page.arrayBuffer()).byteLength).toBe(octets);
}

test.each([
  { row: 'a page each', times: 1 },
  { row: 'three pages each', times: 3 },
  { row: 'more requests than pages would fit', times: 1_000 },
])(
  'who never reads holds no more than the bound, and whoever reads gets through: $row',
  async ({ times }) => {
    const { server, port, made } = await serve();
    await takes(port, LARGE);
    const before = heldOctets();
    await neverRead(port, '127.0.0.2', times);
    const mostKept = Math.ceil(MOST_UNTAKEN / LARGE);
    const probe = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect(await probe.text()).toBe('ok\n');
    await vi.waitFor(() => expect(server.evicted).toBeGreaterThanOrEqual(CLIENTS - mostKept), 10_000);
    expect(heldOctets() - before).toBeLessThan(MOST_UNTAKEN + 2 * LARGE);
    for (let visit = 0; visit < 5; visit++) await takes(port, LARGE);
    // Most are cut off before anything is made for them.
    expect(made()).toBeLessThan(CLIENTS);
  },
);

test.each([
  { row: 'many, one after the other', octets: LARGE, clients: 2, visits: 20 },
  { row: 'one that is larger than all may be', octets: MOST_UNTAKEN + LARGE, clients: 1, visits: 1 },
])('clients that read are not cut off, whatever they take: $row', async ({ octets, clients, visits }) => {
  const { server, port } = await serve(octets);
  const visitAll = async (): Promise<void> => {
    for (let times = 0; times < visits; times++) await takes(port, octets);
  };
  await Promise.all(Array.from({ length: clients }, visitAll));
  expect(server.evicted).toBe(0);
});

/** Resolves with the first octets that the server says to these. */
async function firstWords(port: number, octets: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  socket.write(octets);
  const [chunk] = await once(socket, 'data');
  return String(chunk);
}

const ask = (method: string, path: string): string => `${method} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

test.each([
  { row: 'asked for whole', first: 'GET', after: 'GET' },
  { row: 'of which only the head is asked for', first: 'HEAD', after: 'HEAD' },
  { row: 'after an answer there that is none', first: 'GET', between: 'POST', after: 'GET' },
])('probes are answered between pages that are large: $row', async ({ first, between, after }) => {
  const { port, made } = await serve();
  expect(await firstWords(port, ask(first, '/large'))).toMatch(/^HTTP\/1\.1 200 /);
  if (between !== undefined) {
    expect(await firstWords(port, ask(between, '/large'))).toMatch(/^HTTP\/1\.1 405 /);
  }
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(ask(after, '/large').repeat(16));
  expect(await firstWords(port, ask('GET', '/healthz'))).toMatch(/^HTTP\/1\.1 200 /);
  expect(made()).toBeLessThan(16);
});

test('who asks for more than sixteen pages without an answer is cut off', async () => {
  const { server, port } = await serve();
  const socket = connect({ port, host: '127.0.0.1' }).resume();
  socket.on('error', () => {});
  socket.write(ask('GET', '/healthz').repeat(17));
  await once(socket, 'close');
  expect(server.evicted).toBe(1);
});
