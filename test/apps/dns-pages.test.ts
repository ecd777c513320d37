import { expect, test } from 'vitest';
import { dnsPages, Readiness } from '../../src/apps/dns-pages.ts';
import { Metrics } from '../../src/ops/metrics.ts';
import type { RecordSource } from '../../src/source/index.ts';
import { zoneOf } from '../kit/zone.ts';

const CALM: RecordSource = {
  name: 'kubernetes',
  localCluster: 'west',
  mesh: { clusters: ['east', 'west'], sizes: { services: 0, endpoints: 7 } },
  staleSince: undefined,
  start: async () => undefined,
  stop: async () => undefined,
};

async function page(path: string, source: RecordSource, synced = true) {
  const zone = zoneOf([], { synced });
  const pages = dnsPages({
    metrics: new Metrics(),
    source,
    zone,
    readiness: new Readiness(zone, source.name),
  });
  const { status, body } = { status: 200, ...(await pages[path]?.()) };
  return { status, body: String(body) };
}

test('/debug/mesh says whether what is served is true, and since when it may not be', async () => {
  expect(JSON.parse((await page('/debug/mesh', CALM)).body)).toMatchObject({
    synced: true,
    stale: false,
    localCluster: 'west',
    clusters: ['east', 'west'],
    endpoints: 7,
  });
  const staleSince = new Date('2026-01-31T12:00:00Z');
  expect(JSON.parse((await page('/debug/mesh', { ...CALM, staleSince })).body)).toMatchObject({
    stale: true,
    since: '2026-01-31T12:00:00.000Z',
  });
});

test('who serves from a snapshot is ready, and who has nothing to serve is not', async () => {
  expect((await page('/readyz', { ...CALM, staleSince: new Date() })).status).toBe(200);
  expect(await page('/readyz', CALM, false)).toEqual({
    status: 503,
    body: 'not ready: the first load of kubernetes has not finished\n',
  });
});

test('/debug/conflicts says where they are, if the source does not merge', async () => {
  expect(await page('/debug/conflicts', CALM)).toEqual({
    status: 404,
    body: expect.stringContaining('kubectl describe serviceexports'),
  });
  const mesh = { ...CALM.mesh, conflicts: [], invalidExports: [] };
  expect(await page('/debug/conflicts', { ...CALM, mesh })).toMatchObject({ status: 200 });
});
