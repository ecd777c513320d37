import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { HttpServer } from '../../src/serve/http.ts';
import { MOST_UNTAKEN } from '../../src/serve/untaken-pages.ts';
import { heldOctets } from '../kit/memory.ts';

const LARGE = 4 * 2 ** 20;
const CLIENTS = 64;

async function serve(): Promise<{ server: HttpServer; port: number }> {
  const server = new HttpServer({
    listen: { address: '127.0.0.1', port: 0 },
    pages: { '/large': () => ({ type: 'text/plain', body: Buffer.alloc(LARGE, 'x') }) },
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

test('clients that read are never cut, however much they take in all', async () => {
  const { server, port } = await serve();
  const visits = Array.from({ length: 6 }, async () => {
    for (let visit = 0; visit < 5; visit++) {
      const page = await fetch(`http://127.0.0.1:${port}/large`);
      expect((await page.arrayBuffer()).byteLength).toBe(LARGE);
    }
  });
  await Promise.all(visits);
  expect(server.evicted).toBe(0);
});
