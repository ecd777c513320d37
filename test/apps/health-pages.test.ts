import { expect, test } from 'vitest';
import { healthPages, Readiness } from '../../src/apps/health-pages.ts';
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
