import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { TCP_TIMES } from '../../src/serve/tcp.ts';
import { Causeway } from '../kit/daemon.ts';
import { decode, zoneLines } from '../kit/dns.ts';
import { query } from '../kit/packet.ts';
import { framed, TcpClient } from '../kit/tcp-client.ts';

const started: Causeway[] = [];
afterEach(async () => {
  for (const causeway of started.splice(0)) {
    causeway.signal('SIGKILL');
    await causeway.exit();
  }
});

function dns(words: readonly string[] = [], before?: string): Causeway {
  const causeway = Causeway.dns(words, before);
  started.push(causeway);
  return causeway;
}

const PAYMENTS = 'payments.shop.svc.clusterset.local';

async function askUdp(port: number, message: Buffer): Promise<Buffer> {
  const socket = createSocket('udp4');
  socket.send(message, port, '127.0.0.1');
  const [reply] = await once(socket, 'message', { signal: AbortSignal.timeout(5_000) });
  socket.close();
  return reply;
}

async function get(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return `${response.status} ${await response.text()}`;
}

describe('causeway dns on the sample mesh', () => {
  test('answers over UDP and TCP, and shows itself over HTTP', async () => {
    const causeway = dns(['--query-log-sample', '1']);
    const ports = await causeway.ready();
    const address = /^payments\.shop\.svc\.clusterset\.local\. 5 IN A 10\.(10|20)\.0\.10$/;

    const overUdp = decode(await askUdp(ports.dns, query(PAYMENTS, 'A')));
    expect(zoneLines(overUdp.answers)).toEqual([expect.stringMatching(address)]);

    const client = await TcpClient.connect(ports.dns);
    client.write(framed(query(PAYMENTS, 'A')), framed(query(PAYMENTS, 'AAAA')));
    const [first = Buffer.alloc(0)] = await client.received(2);
    expect(zoneLines(decode(first).answers)).toEqual([expect.stringMatching(address)]);
    client.socket.destroy();

    expect(await get(ports.http, '/healthz')).toBe('200 ok\n');
    expect(await get(ports.http, '/readyz')).toBe('200 ok\n');
    const mesh = await fetch(`http://127.0.0.1:${ports.http}/debug/mesh`);
    expect(await mesh.json()).toMatchObject({
      synced: true,
      clusters: ['east', 'north', 'west'],
      services: 6,
    });
    const conflicts = await fetch(`http://127.0.0.1:${ports.http}/debug/conflicts`);
    expect(await conflicts.json()).toEqual({ conflicts: [], invalidExports: [] });
    const message = query(PAYMENTS, 'A').toString('base64url');
    const overHttp = await fetch(`http://127.0.0.1:${ports.http}/dns-query?dns=${message}`);
    const reply = decode(new Uint8Array(await overHttp.arrayBuffer()));
    expect(zoneLines(reply.answers)).toEqual([expect.stringMatching(address)]);
    const why = await fetch(`http://127.0.0.1:${ports.http}/debug/resolve?name=${PAYMENTS}`);
    expect(await why.json()).toMatchObject({
      step: 'drawn',
      clusters: [{ cluster: 'east' }, { cluster: 'west' }],
    });
    const metrics = await get(ports.http, '/metrics');
    expect(metrics).toContain('causeway_dns_queries_total{transport="udp",type="A",rcode="NOERROR"} 1');
    expect(metrics).toContain('causeway_dns_queries_total{transport="tcp",type="AAAA",rcode="NOERROR"} 1');
    expect(metrics).toContain('causeway_dns_queries_total{transport="http",type="A",rcode="NOERROR"} 1');
    expect(metrics).toContain('causeway_dns_index_services 6');
    expect(metrics).toContain('causeway_source_broken_files 0');
    expect(causeway.messages.filter(message => message === 'query')).toHaveLength(4);
  });

  test('prints a dig to paste', async () => {
    const causeway = dns();
    const ports = await causeway.ready();
    await vi.waitFor(() =>
      expect(causeway.messages).toContain(`try: dig @127.0.0.1 -p ${ports.dns} ${PAYMENTS}`),
    );
  });

  test('SIGTERM: what is in flight is answered, open connections are closed, code 0 within 5 s', async () => {
    const causeway = dns();
    const ports = await causeway.ready();
    const idle = await TcpClient.connect(ports.dns);
    const busy = await TcpClient.connect(ports.dns);
    busy.write(...Array.from({ length: 500 }, (_, id) => framed(query(PAYMENTS, 'A', { id }))));
    await busy.received(1);
    const begun = performance.now();
    causeway.signal('SIGTERM');
    const { code, errors } = await causeway.exit();
    expect([code, errors]).toEqual([0, '']);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(await busy.received(500)).toHaveLength(500);
    await Promise.all([idle.untilClosed(), busy.untilClosed()]);
  });

  test('where few files may be open, connections leave enough for the rest, and it is said', async () => {
    const causeway = dns([], 'ulimit -n 360');
    const ports = await causeway.ready();
    const clients: TcpClient[] = [];
    for (let client = 0; client < 100; client += 1) clients.push(await TcpClient.connect(ports.dns));
    // 360 but for the 328 that all else may take.
    await vi.waitFor(() => expect(clients.filter(({ closed }) => !closed)).toHaveLength(32));
    expect(await get(ports.http, '/healthz')).toBe('200 ok\n');
    expect(causeway.messages.filter(message => message.startsWith('--tcp-max-connections: '))).toEqual([
      expect.stringContaining('this process may open 360 files, of which it needs 328 besides'),
    ]);
    for (const client of clients) client.socket.destroy();
  });

  test('SIGUSR1 opens no debugger', async () => {
    const causeway = dns();
    const ports = await causeway.ready();
    causeway.signal('SIGUSR1');
    await sleep(300);
    expect(await get(ports.http, '/healthz')).toBe('200 ok\n');
    causeway.signal('SIGTERM');
    const { code, errors } = await causeway.exit();
    expect([code, errors]).toEqual([0, '']);
  });

  test('while it stops it is not ready; a second signal ends it at once', async () => {
    const causeway = dns();
    const ports = await causeway.ready();
    const stuck = await TcpClient.connect(ports.dns);
    stuck.socket.pause();
    // More replies than the kernel holds for a client that does not read, so that stopping has to wait for it.
    for (let round = 0; round < 60; round += 1) {
      stuck.write(...Array.from({ length: 2_000 }, () => framed(query(PAYMENTS, 'SRV'))));
    }
    await vi.waitFor(async () =>
      expect(await get(ports.http, '/metrics')).toMatch(/type="SRV",rcode="NOERROR"} \d{4}/),
    );
    await sleep(200);
    causeway.signal('SIGTERM');
    await vi.waitFor(async () => expect(await get(ports.http, '/readyz')).toBe('503 not ready: stopping\n'));
    const begun = performance.now();
    causeway.signal('SIGTERM');
    expect((await causeway.exit()).code).toBe(1);
    expect(performance.now() - begun).toBeLessThan(TCP_TIMES.stop);
    stuck.socket.destroy();
  });
});

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise(closed => server.close(closed));
  return port;
}

test.each(['json', 'pretty'])(
  'a log that cannot be written, as %s, keeps nobody from an answer',
  async format => {
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => closeSync(full));
    const port = await freePort();
    const mesh = ['--source', 'directory:deploy/samples/mesh', '--cluster-id', 'east'];
    const listen = ['--listen', '127.0.0.1:0', '--http-listen', `127.0.0.1:${port}`];
    const causeway = new Causeway(['dns', ...mesh, ...listen, '--log-format', format], {}, full);
    started.push(causeway);
    await vi.waitFor(async () => expect(await get(port, '/readyz')).toBe('200 ok\n'), { timeout: 20_000 });
    causeway.signal('SIGTERM');
    const { code, errors } = await causeway.exit();
    expect([code, errors]).toEqual([
      0,
      'causeway: the log cannot be written: ENOSPC: no space left on device, write; all else goes on\n',
    ]);
  },
);

describe('what keeps it from starting is one line', () => {
  test.each([
    [['--ttl', 'x'], 2, 'causeway: --ttl: found "x", must be a whole number of seconds from 0 to 3600\n'],
    [['--source', 'etcd:x'], 2, /^causeway: --source: found "etcd:x".*\n$/],
    [
      ['--cookie-secret-file', 'package.json'],
      1,
      /^causeway: cannot use the cookie secret in package\.json: .*\n$/,
    ],
    [['--source', 'directory:/nowhere/at/all'], 1, /^causeway: .*\/nowhere\/at\/all.*\n$/],
  ])('%j: code %i', async (words, code, line) => {
    const exit = await dns(words).exit();
    expect([exit.code, exit.errors]).toEqual([
      code,
      typeof line === 'string' ? line : expect.stringMatching(line),
    ]);
  });

  test('a port in use', async () => {
    const first = dns();
    const ports = await first.ready();
    const exit = await dns(['--listen', `127.0.0.1:${ports.dns}`]).exit();
    expect([exit.code, exit.errors]).toEqual([
      1,
      `causeway: cannot listen on 127.0.0.1:${ports.dns} (udp): the port is in use; stop what holds it or choose ` +
        'another with --listen\n',
    ]);
  });

  test('one port for two things', async () => {
    const exit = await dns(['--listen', '127.0.0.1:1053', '--http-listen', '127.0.0.1:1053']).exit();
    expect([exit.code, exit.errors]).toEqual([
      2,
      'causeway: --http-listen: found 127.0.0.1:1053, which --listen 127.0.0.1:1053 takes; must be another port\n',
    ]);
  });

  test('a variable that is not understood', async () => {
    const causeway = new Causeway(['dns'], { CAUSEWAY_LISTEN: 'everywhere' });
    started.push(causeway);
    const { code, errors } = await causeway.exit();
    expect([code, errors]).toEqual([
      2,
      'causeway: CAUSEWAY_LISTEN: found "everywhere", must be an IP address and a port, such as 127.0.0.1:1053, ' +
        '0.0.0.0:53 or [::1]:1053\n',
    ]);
  });
});
