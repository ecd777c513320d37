import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { healthPages, pagesServer, Readiness } from '../../src/apps/health-pages.ts';
import { Metrics } from '../../src/ops/metrics.ts';

test('/readyz says what is in the way, and that a daemon that stops gets nothing any more; it is alive all the time', async () => {
  let obstacle: string | undefined = 'not read in full yet: services';
  const readiness = new Readiness(() => obstacle);
  const pages = healthPages(new Metrics(), readiness);
  const request = { query: new URLSearchParams(), client: '127.0.0.1', body: new Uint8Array() };
  const shown = async (): Promise<string[]> => {
    const all = [await pages['/readyz']?.(request), await pages['/healthz']?.(request)];
    return all.map(page => `${page?.status} ${page?.body}`);
  };
  expect(await shown()).toEqual(['503 not ready: not read in full yet: services\n', '200 ok\n']);
  obstacle = undefined;
  expect(await shown()).toEqual(['200 ok\n', '200 ok\n']);
  readiness.stopping();
  expect(await shown()).toEqual(['503 not ready: stopping\n', '200 ok\n']);
});

test('connections that are closed to make room are counted', async () => {
  const metrics = new Metrics();
  const server = pagesServer(metrics, { listen: { address: '127.0.0.1', port: 0 }, pages: {} });
  const [bound] = await server.start();
  const sockets = Array.from({ length: 66 }, () => connect(bound?.port ?? 0, '127.0.0.1'));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await server.stop();
  });
  await vi.waitFor(async () =>
    expect((await metrics.scrape()).body).toMatch(/^causeway_http_evicted_total 2$/m),
  );
});
