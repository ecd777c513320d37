import { expect, test } from 'vitest';
import { dnsPages, notLoaded } from '../../src/apps/dns-pages.ts';
import { Readiness } from '../../src/apps/health-pages.ts';
import { readMeshPage } from '../../src/health/pages.ts';
import { Metrics } from '../../src/ops/metrics.ts';
import type { RecordSource } from '../../src/source/index.ts';
import { headerOnly } from '../kit/handlers.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const CALM: RecordSource = {
  name: 'kubernetes',
  localCluster: 'west',
  mesh: { clusters: ['east', 'west'], sizes: { services: 0, endpoints: 7 } },
  staleSince: undefined,
  start: async () => undefined,
  stop: async () => undefined,
};

const PAYMENTS = serviceOf('shop', 'payments', [
  clusterOf('east', ['10.10.0.10'], { weight: 80 }),
  clusterOf('west', ['10.20.0.10'], { weight: 20 }),
]);

async function page(url: string, source: RecordSource, synced = true) {
  const zone = zoneOf([PAYMENTS], { synced });
  const { pages } = dnsPages({
    metrics: new Metrics(),
    source,
    zone,
    readiness: new Readiness(() => notLoaded(zone, source)),
    handler: headerOnly,
  });
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const request = { query: searchParams, client: '127.0.0.1', body: new Uint8Array() };
  const { status, body } = { status: 200, ...(await pages[pathname]?.(request)) };
  return { status, body: String(body) };
}

test('/debug/mesh is what `causeway status` reads', async () => {
  const { body } = await page('/debug/mesh', CALM);
  expect(readMeshPage(body)).toMatchObject({
    value: { zone: 'clusterset.local', synced: true, stale: false, localCluster: 'west', endpoints: 7 },
  });
});

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

test('/debug/resolve says why an answer is what it is', async () => {
  const { status, body } = await page('/debug/resolve?name=Payments.shop.svc.clusterset.local.&type=a', CALM);
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({
    name: 'payments.shop.svc.clusterset.local.',
    type: 'A',
    rcode: 'NOERROR',
    step: 'drawn',
    serial: expect.any(Number),
    clusters: [
      { cluster: 'east', weight: 80, share: 0.8 },
      { cluster: 'west', weight: 20, share: expect.closeTo(0.2, 12) },
    ],
  });
  const staleSince = new Date('2026-01-31T12:00:00Z');
  const stale = await page('/debug/resolve?name=a.b.svc.clusterset.local', { ...CALM, staleSince });
  expect(JSON.parse(stale.body)).toMatchObject({ staleSince: '2026-01-31T12:00:00.000Z' });
});

test.each([
  ['', 'name: must be a whole domain name'],
  ['?name=', 'name: must be a whole domain name'],
  ['?name=a..b', 'name: must be a whole domain name'],
  [`?name=${'a'.repeat(64)}.shop`, 'name: must be a whole domain name'],
  [`?name=${'a.'.repeat(200)}`, 'name: must be a whole domain name'],
  ['?name=<script>', 'name: must be a whole domain name'],
  ['?name=a%0d%0ab', 'name: must be a whole domain name'],
  ['?name=a.b&type=AXFR', 'type: must be a type of DNS records'],
  ['?name=a.b&type=OPT', 'type: must be a type of DNS records'],
  ['?name=a.b&type=constructor', 'type: must be a type of DNS records'],
])('/debug/resolve%s is refused', async (query, reason) => {
  expect(await page(`/debug/resolve${query}`, CALM)).toEqual({
    status: 400,
    body: expect.stringContaining(reason),
  });
});
