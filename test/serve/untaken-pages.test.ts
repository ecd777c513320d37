import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { HttpServer } from '../../src/serve/http.ts';
import { MOST_UNTAKEN } from '../../src/serve/untaken-pages.ts';
import { heldOctets } from '../kit/memory.ts';

/** More than a kernel takes for who does not read. */
const LARGE = 8 * 2 ** 20;
const CLIENTS = 64;

async function serve(octets = LARGE): Promise<{ server: HttpServer; port: number }> {
  const server = new HttpServer({
    listen: { address: '127.0.0.1', port: 0 },
    pages: { '/large': () => ({ type: 'text/plain', body: Buffer.alloc(octets, 'x') }) },
  });
  onTestFinished(() => server.stop());
  const [bound] = await server.start();
  return { server, port: bound?.port ?? 0 };
}

/** Connections of one client that ask for the page, `times` at once, and never read. */
async function neverRead(port: number, localAddress: string, times: number): Promise<void> {
  for (let client = 0; client < CLIENTS; client++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress }).pause();
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(times));
  }
}

test.each([
  { row: 'a page each', times: 1 },
  { row: 'three pages each', times: 3 },
])(
  'who never reads holds no more than the bound, and whoever reads gets through: $row',
  async ({ times }) => {
    const { server, port } = await serve();
    const before = heldOctets();
    await neverRead(port, '127.0.0.2', times);
    const mostKept = Math.ceil(MOST_UNTAKEN / LARGE);
    await vi.waitFor(() => expect(server.evicted).toBeGreaterThanOrEqual(CLIENTS - mostKept), 10_000);
    expect(heldOctets() - before).toBeLessThan(MOST_UNTAKEN + 2 * LARGE);
    for (let visit = 0; visit < 5; visit++) {
      const page = await fetch(`http://127.0.0.1:${port}/large`);
      expect((await page.arrayBuffer()).byteLength).toBe(LARGE);
    }
  },
);

test.each([
  { row: 'many, one after the other', octets: LARGE, clients: 3, visits: 10 },
  { row: 'one that is larger than all may be', octets: MOST_UNTAKEN + LARGE, clients: 1, visits: 1 },
])('clients that read are not cut off, whatever they take: $row', async ({ octets, clients, visits }) => {
  const { server, port } = await serve(octets);
  const visit = async (): Promise<void> => {
    const page = await fetch(`http://127.0.0.1:${port}/large`);
    expect((await page.arrayBuffer()).byteLength).toBe(octets);
  };
  const visitAll = async (): Promise<void> => {
    for (let times = 0; times < visits; times++) await visit();
  };
  await Promise.all(Array.from({ length: clients }, visitAll));
  expect(server.evicted).toBe(0);
});
