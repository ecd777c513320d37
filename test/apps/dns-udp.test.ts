import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { VersionBoard } from '../../src/answer/version-board.ts';
import { createResponder, createZone, replyOptions } from '../../src/apps/dns-parts.ts';
import { createUdp, exportUdpSockets, idleThreads, spreadCpus } from '../../src/apps/dns-udp.ts';
import { readSettings } from '../../src/apps/setting.ts';
import { dnsSettings } from '../../src/apps/settings.ts';
import { SystemCallError } from '../../src/ops/c-library.ts';
import { Metrics } from '../../src/ops/metrics.ts';
import { cpuSet } from '../../src/serve/batched/affinity.ts';
import { loadSystemCalls, type SystemCalls } from '../../src/serve/batched/system-calls.ts';
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

test('so they do where threads have CPUs of their own', async () => {
  const served = await chosen({ listen, udpThreads: ['2'], udpSpread: ['cpu'] });
  expect(served).toEqual(sockets(batched ? { batched: 4, dgram: 0 } : { batched: 0, dgram: 2 }));
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

describe('which thread has which CPU', () => {
  const refused = (call: string) => () => {
    throw new SystemCallError(call, 1);
  };
  /** A container that has not got the first CPUs of its machine. */
  const contained = { affinity: (set: Uint8Array) => set.set(cpuSet([4, 6, 7])) };
  const asked = { udpSpread: ['cpu'], udpThreads: ['2'], listen };
  const hash = '--udp-spread: cpu cannot be had; clients are spread by hash';

  test.each<{
    row: string;
    flags: Readonly<Record<string, readonly string[]>>;
    calls: Partial<SystemCalls>;
    cpus: readonly number[];
    said: readonly unknown[];
  }>([
    { row: 'none where nobody asked', flags: { udpThreads: ['2'] }, calls: contained, cpus: [], said: [] },
    {
      row: 'the first that the process may use',
      ...{ flags: asked, calls: contained, cpus: [4, 6] },
      said: [{ level: 30, cpus: [4, 6] }],
    },
    {
      row: 'one thread has nothing to share',
      ...{ flags: { udpSpread: ['cpu'] }, calls: contained, cpus: [] },
      said: [{ level: 40, reason: 'one thread answers all', msg: hash }],
    },
    {
      row: 'a kernel without programs',
      ...{ flags: asked, calls: { ...contained, setProgram: refused('setsockopt') }, cpus: [] },
      said: [{ level: 40, reason: 'setsockopt: EPERM', msg: hash }],
    },
    {
      row: 'a sandbox in which threads are not bound',
      ...{ flags: asked, calls: { ...contained, setAffinity: refused('sched_setaffinity') }, cpus: [] },
      said: [{ level: 40, reason: 'sched_setaffinity: EPERM', msg: hash }],
    },
    {
      row: 'a sandbox that tells no CPUs',
      ...{ flags: asked, calls: { affinity: refused('sched_getaffinity') }, cpus: [] },
      said: [{ level: 40, reason: 'sched_getaffinity: EPERM', msg: hash }],
    },
  ])('$row', async ({ flags, calls, cpus, said }) => {
    const lines: unknown[] = [];
    const config = readSettings(dnsSettings, { flags, operands: {}, environment: {} });
    const log = pino({}, { write: line => lines.push(JSON.parse(line)) });
    expect(spreadCpus({ config, log }, { ...(await loadSystemCalls()), ...calls })).toEqual(cpus);
    expect(lines).toMatchObject(said);
  });

  test('none where dgram serves, which is said', () => {
    const lines: unknown[] = [];
    const config = readSettings(dnsSettings, { flags: asked, operands: {}, environment: {} });
    const log = pino({}, { write: line => lines.push(JSON.parse(line)) });
    expect(spreadCpus({ config, log }, undefined)).toEqual([]);
    expect(lines).toMatchObject([{ reason: 'one thread answers all', msg: hash }]);
  });
});
