import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { ApiServer } from '../kit/api-server.ts';
import { Authority } from '../kit/certificate.ts';
import { Causeway } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/directory.ts';
import { decode, zoneLines } from '../kit/dns.ts';
import { importYaml, namespaceYaml } from '../kit/imports.ts';
import { base64, kubeconfig } from '../kit/kubeconfig.ts';
import { query } from '../kit/packet.ts';

const started: Causeway[] = [];
afterEach(async () => {
  for (const causeway of started.splice(0)) {
    causeway.signal('SIGKILL');
    await causeway.exit();
  }
});

/** An API server with TLS and a token, and a directory with the kubeconfig for it. */
async function secureServer(): Promise<{ server: ApiServer; root: string }> {
  const authority = new Authority();
  const server = await new ApiServer({ tls: authority.issue() }).start();
  onTestFinished(() => server.end());
  server.token = 'a-secret-token';
  const cluster = { server: server.url, 'certificate-authority-data': base64(authority.cert) };
  return { server, root: temporaryDirectory({ kubeconfig: kubeconfig({ cluster }) }) };
}

function daemon(root: string): Causeway {
  const words = ['dns', '--source', 'kubernetes', '--kubeconfig', join(root, 'kubeconfig')];
  const ports = [
    '--listen',
    '127.0.0.1:0',
    '--http-listen',
    '127.0.0.1:0',
    '--state-dir',
    join(root, 'state'),
  ];
  const causeway = new Causeway([...words, ...ports]);
  started.push(causeway);
  return causeway;
}

async function payments(port: number): Promise<string[]> {
  const socket = createSocket('udp4');
  socket.send(query('pay.shop.svc.clusterset.local', 'A'), port, '127.0.0.1');
  const [reply] = await once(socket, 'message', { signal: AbortSignal.timeout(5_000) });
  socket.close();
  return zoneLines(decode(reply).answers);
}

async function get(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return `${response.status} ${await response.text()}`;
}

test('causeway dns --source kubernetes, and once more from its snapshot while the API server is away', async () => {
  const { server, root } = await secureServer();
  server.load(namespaceYaml('shop'));
  server.load(importYaml('pay', { ips: ['10.96.0.1'] }));
  const answer = ['pay.shop.svc.clusterset.local. 5 IN A 10.96.0.1'];

  const first = daemon(root);
  const ports = await first.ready();
  expect(await payments(ports.dns)).toEqual(answer);
  expect(await get(ports.http, '/metrics')).toContain('causeway_source_stale 0');
  await vi.waitFor(() => expect(existsSync(join(root, 'state/snapshot.ndjson'))).toBe(true), 10_000);
  first.signal('SIGTERM');
  expect((await first.exit()).code).toBe(0);

  await server.stop();
  const second = daemon(root);
  const again = await second.ready();
  expect(await payments(again.dns)).toEqual(answer);
  expect(await get(again.http, '/readyz')).toBe('200 ok\n');
  expect(await get(again.http, '/debug/mesh')).toMatch(/"stale":\s*true/);
  expect(await get(again.http, '/metrics')).toContain('causeway_source_stale 1');

  server.load(importYaml('pay', { ips: ['10.96.0.2'] }));
  await server.start();
  await vi.waitFor(
    async () =>
      expect(await payments(again.dns)).toEqual(['pay.shop.svc.clusterset.local. 5 IN A 10.96.0.2']),
    { timeout: 20_000, interval: 100 },
  );
  expect(await get(again.http, '/metrics')).toContain('causeway_source_stale 0');
});

test('a kubeconfig that is not there is one line and no start', async () => {
  const exit = await daemon(temporaryDirectory()).exit();
  expect(exit.code).not.toBe(0);
  expect(exit.errors).toMatch(/^[^\n]*kubeconfig[^\n]*\n$/);
});
