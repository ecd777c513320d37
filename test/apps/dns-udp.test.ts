import { expect, test } from 'vitest';
import { VersionBoard } from '../../src/answer/version-board.ts';
import { createResponder, createZone, replyOptions } from '../../src/apps/dns-parts.ts';
import { createUdp, exportUdpSockets, idleThreads } from '../../src/apps/dns-udp.ts';
import { readSettings } from '../../src/apps/setting.ts';
import { dnsSettings } from '../../src/apps/settings.ts';
import { Metrics } from '../../src/ops/metrics.ts';
import { QueryMetrics } from '../../src/serve/query-metrics.ts';
import { silent } from '../kit/handlers.ts';

async function chosen(flags: Readonly<Record<string, readonly string[]>>) {
  const config = readSettings(dnsSettings, { flags, operands: {}, environment: {} });
  const metrics = new Metrics();
  const queries = new QueryMetrics(metrics);
  const replies = await replyOptions(config);
  const responder = createResponder(
    config,
    createZone(config, () => undefined),
    replies,
    queries.observe,
  );
  const udp = await createUdp({
    ...{ config, metrics, queries, replies, responder },
    log: silent,
    handler: (message, client) => responder.respond(message, client),
    board: new VersionBoard(VersionBoard.words()),
  });
  const sides = config.listen.map(udp);
  exportUdpSockets(metrics, { udp: sides });
  await Promise.all(sides.map(side => side.start()));
  try {
    const { body } = await metrics.scrape();
    return body.split('\n').filter(line => line.startsWith('causeway_dns_udp_sockets{'));
  } finally {
    await Promise.all(sides.map(side => side.stop()));
  }
}

/** What the metric says of so many sockets of each transport. */
function sockets(counts: Readonly<Record<'batched' | 'dgram', number>>): string[] {
  return Object.entries(counts).map(
    ([name, count]) => `causeway_dns_udp_sockets{transport="${name}"} ${count}`,
  );
}

const listen = ['127.0.0.1:0,[::1]:0'];
const batched = process.platform === 'linux';

test('batches serve where they can be had and nothing else was asked for', async () => {
  const served = await chosen({ listen, udpThreads: ['3'] });
  expect(served).toEqual(sockets(batched ? { batched: 6, dgram: 0 } : { batched: 0, dgram: 2 }));
});

test.each([
  { row: 'where it was asked for', flags: { udpTransport: ['dgram'] } },
  { row: 'where queries are logged', flags: { queryLogSample: ['0.1'] } },
])('dgram serves $row', async ({ flags }) => {
  expect(await chosen({ listen, ...flags })).toEqual(sockets({ batched: 0, dgram: 2 }));
});

test('batches that were asked for and cannot be had are refused, with the reason', async () => {
  const flags = { listen, udpTransport: ['batched'], queryLogSample: ['0.1'] };
  await expect(chosen(flags)).rejects.toThrow(
    '--udp-transport: batched cannot be had: it has no query log (--query-log-sample); choose auto or dgram',
  );
});

test.each([
  { row: 'as many as CPUs', asked: 2, most: 2, said: undefined },
  {
    row: 'more than CPUs',
    asked: 64,
    most: 2,
    said: /^--udp-threads: there are 2 CPUs; more threads take memory/,
  },
  {
    row: 'more than one where one answers all',
    asked: 2,
    most: 1,
    said: /^--udp-threads: one thread answers all/,
  },
])('threads without use are said: $row', ({ asked, most, said }) => {
  if (said === undefined) expect(idleThreads(asked, most)).toBeUndefined();
  else expect(idleThreads(asked, most)).toMatch(said);
});
