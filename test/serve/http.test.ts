import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { HttpServer, json, plain } from '../../src/serve/http.ts';

const servers: HttpServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map(server => server.stop())));

async function serve(): Promise<number> {
  const server = new HttpServer({
    listen: { address: '127.0.0.1', port: 0 },
    pages: {
      '/healthz': () => plain(200, 'ok\n'),
      '/readyz': () => plain(503, 'not ready: stopping\n'),
      '/debug/mesh': () => json({ clusters: ['east', 'west'] }),
      '/fault': () => Promise.reject(new Error('secret')),
      '/echo': ({ query, client }) => ({ ...plain(200, `${query.get('a')} ${client}`), maxAge: 5 }),
    },
    posts: {
      '/echo': { type: 'text/words', most: 5, make: ({ body }) => plain(200, `${body.length}`) },
    },
  });
  servers.push(server);
  const [bound] = await server.start();
  return bound?.port ?? 0;
}

/** Everything the server says to these octets until it closes. */
async function raw(port: number, octets: string, localAddress = '127.0.0.1'): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  let text = '';
  socket.on('data', chunk => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write(octets);
  await new Promise(closed => socket.on('close', closed));
  return text;
}

const TRY = 'try /healthz /readyz /debug/mesh /fault /echo\n';

describe('pages', () => {
  test.each([
    ['GET', '/healthz', 200, 'ok\n'],
    ['GET', '/healthz?verbose=1', 200, 'ok\n'],
    ['HEAD', '/healthz', 200, ''],
    ['GET', '/readyz', 503, 'not ready: stopping\n'],
    ['GET', '/debug/mesh', 200, '{\n  "clusters": [\n    "east",\n    "west"\n  ]\n}\n'],
    ['GET', '/fault', 500, 'this page could not be made\n'],
    ['GET', '/', 404, TRY],
    ['GET', '/constructor', 404, TRY],
    ['GET', '/<script>alert(1)</script>', 404, TRY],
    ['DELETE', '/healthz', 405, 'only GET, HEAD\n'],
    ['POST', '/healthz', 405, 'only GET, HEAD\n'],
    ['PUT', '/echo', 405, 'only GET, HEAD, POST\n'],
    ['GET', '/echo?a=1%202&b=3', 200, '1 2 127.0.0.1'],
  ])('%s %s: %i', async (method, path, status, body) => {
    const port = await serve();
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('a request with a body is answered and its connection closed', async () => {
    const port = await serve();
    const text = await raw(port, 'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc');
    expect(text).toMatch(/^HTTP\/1\.1 405 /);
    expect(text.toLowerCase()).toContain('connection: close');
  });
});

describe('what is posted', () => {
  test.each([
    ['text/words', '12345', 200, '5'],
    ['Text/Words; charset=utf-8', '', 200, '0'],
    ['text/words', '123456', 413, 'at most 5 octets\n'],
    ['text/plain', '1', 415, 'only text/words\n'],
    ['', '1', 415, 'only text/words\n'],
  ])('%s %j: %i', async (type, body, status, said) => {
    const port = await serve();
    const response = await fetch(`http://127.0.0.1:${port}/echo`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: Buffer.from(body),
    });
    expect([response.status, await response.text()]).toEqual([status, said]);
  });

  test('more than it says, in chunks, is refused as soon as it is too much', async () => {
    const port = await serve();
    const head =
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/words\r\nTransfer-Encoding: chunked\r\n\r\n';
    const text = await raw(port, `${head}3\r\nabc\r\n3\r\ndef\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text.toLowerCase()).toContain('connection: close');
  });

  test('two on one connection are both answered', async () => {
    const port = await serve();
    const post = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/words\r\nContent-Length: 2\r\n';
    const text = await raw(port, `${post}\r\nab${post}Connection: close\r\n\r\ncd`);
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
  });
});

test('a page may be used again for as long as it says', async () => {
  const port = await serve();
  const cacheControl = async (path: string) =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).headers.get('cache-control');
  expect([await cacheControl('/echo'), await cacheControl('/healthz')]).toEqual(['max-age=5', 'no-store']);
});

describe('what is no request', () => {
  test.each([
    ['garbage', '\u0000\u0001\u0002\u0003\r\n\r\n', 400],
    ['headers of 16 KiB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(16_384)}\r\n\r\n`, 431],
    ['a DNS message', `\u0000\u001e${'\u0000'.repeat(30)}`, 400],
  ])('%s is refused and the connection closed', async (_name, octets, status) => {
    const port = await serve();
    expect(await raw(port, octets)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });
});

test('a keep-alive connection does not hold up stopping', async () => {
  const port = await serve();
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  const begun = performance.now();
  await servers.splice(0)[0]?.stop();
  expect(performance.now() - begun).toBeLessThan(900);
});

const ASK = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

/** What holds a connection and never asks. */
const HALF = 'GET /healthz HTTP/1.1\r\n';

/** So many connections from one address of loopback, each with half a request. */
async function held(port: number, localAddress: string, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect({ port, host: '127.0.0.1', localAddress }));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (const socket of sockets) {
    socket.on('error', () => {}).resume();
    await once(socket, 'connect');
    socket.write(HALF);
  }
  return sockets;
}

/** As `held`, but whoever is closed comes back. */
function coming(port: number, localAddress: string, count: number): void {
  const sockets = new Set<Socket>();
  let ended = false;
  const come = () => {
    if (ended) return;
    const socket = connect({ port, host: '127.0.0.1', localAddress }, () => socket.write(HALF));
    sockets.add(socket);
    socket.on('error', () => {});
    socket.resume();
    socket.on('close', () => {
      sockets.delete(socket);
      come();
    });
  };
  for (let client = 0; client < count; client++) come();
  onTestFinished(() => {
    ended = true;
    for (const socket of sockets) socket.destroy();
  });
}

describe('room for connections', () => {
  test('the 65th of a client closes the one of its own that has been silent longest', async () => {
    const port = await serve();
    const stranger = await held(port, '127.0.0.3', 1);
    const [first, second, ...others] = await held(port, '127.0.0.2', 64);
    first?.write('Host: x\r\n\r\n');
    if (first !== undefined) await once(first, 'data');
    expect(await raw(port, ASK, '127.0.0.2')).toMatch(/^HTTP\/1\.1 200 /);
    await vi.waitFor(() => expect(second?.closed).toBe(true));
    expect([...stranger, first, ...others].filter(socket => socket?.closed)).toEqual([]);
    expect(servers.map(({ evicted }) => evicted)).toEqual([1]);
  });

  test('the 257th closes the one that has been silent longest, whosever it is', async () => {
    const port = await serve();
    const clients: Socket[] = [];
    for (let client = 2; client < 6; client++) clients.push(...(await held(port, `127.0.0.${client}`, 64)));
    expect(await raw(port, ASK)).toMatch(/^HTTP\/1\.1 200 /);
    await vi.waitFor(() => expect(clients[0]?.closed).toBe(true));
    expect(clients.filter(({ closed }) => closed)).toHaveLength(1);
  });

  test.each([
    { name: 'from the address of the probes', addresses: ['127.0.0.1'], each: 80 },
    {
      name: 'from many addresses',
      addresses: Array.from({ length: 40 }, (_, at) => `127.0.1.${at}`),
      each: 20,
    },
  ])(
    'probes get through while clients hold more than there is room for, $name',
    async ({ addresses, each }) => {
      const port = await serve();
      for (const address of addresses) coming(port, address, each);
      await vi.waitFor(() => expect(servers[0]?.evicted).toBeGreaterThan(100), { timeout: 5_000 });
      for (let probe = 0; probe < 25; probe++) expect(await raw(port, ASK)).toMatch(/^HTTP\/1\.1 200 /);
    },
  );

  test('who does not end its headers is closed within seconds', async () => {
    const port = await serve();
    const begun = performance.now();
    expect(await raw(port, HALF)).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});

test('a port in use is said so, with the flag to change', async () => {
  const port = await serve();
  const other = new HttpServer({ listen: { address: '127.0.0.1', port }, pages: {} });
  await expect(other.start()).rejects.toThrow('choose another with --http-listen');
});
