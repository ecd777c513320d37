import { expect, test } from 'vitest';
import type { QueryEvent } from '../../src/answer/event.ts';
import { Metrics } from '../../src/ops/metrics.ts';
import { QueryMetrics } from '../../src/serve/query-metrics.ts';
import { RCODE, TYPE } from '../../src/wire/codes.ts';

function eventOf(parts: Partial<QueryEvent>): QueryEvent {
  return {
    client: { transport: 'udp', address: '192.0.2.1' },
    message: new Uint8Array(),
    type: TYPE.A,
    rcode: RCODE.NOERROR,
    drop: undefined,
    failure: undefined,
    malformed: false,
    cluster: undefined,
    compiled: false,
    seconds: 1.5e-6,
    ...parts,
  };
}

const TCP = { transport: 'tcp', address: '192.0.2.1' } as const;

/** What /metrics says after these events: the lines with values, sorted, zeros and buckets left out. */
async function linesAfter(events: readonly Partial<QueryEvent>[]): Promise<string[]> {
  const metrics = new Metrics();
  const queries = new QueryMetrics(metrics);
  for (const event of events) queries.observe(eventOf(event));
  return linesOf((await metrics.scrape()).body);
}

function linesOf(text: string): string[] {
  return text.split('\n').filter(line => line !== '' && !/^#|_bucket|_sum| 0$/.test(line));
}

test('queries by transport, type and rcode; answers by cluster; hits and misses', async () => {
  expect(
    await linesAfter([
      { cluster: 'east' },
      { cluster: 'east', compiled: true },
      { cluster: 'west', compiled: true },
      { client: TCP, type: TYPE.AAAA, rcode: RCODE.NXDOMAIN },
      { type: 65_280, rcode: RCODE.NOERROR, compiled: true },
      { type: 0, rcode: RCODE.FORMERR, malformed: true },
      { type: TYPE.SRV, rcode: RCODE.BADVERS },
    ]),
  ).toEqual([
    'causeway_dns_queries_total{transport="udp",type="other",rcode="NOERROR"} 1',
    'causeway_dns_queries_total{transport="udp",type="other",rcode="FORMERR"} 1',
    'causeway_dns_queries_total{transport="udp",type="A",rcode="NOERROR"} 3',
    'causeway_dns_queries_total{transport="udp",type="SRV",rcode="BADVERS"} 1',
    'causeway_dns_queries_total{transport="tcp",type="AAAA",rcode="NXDOMAIN"} 1',
    'causeway_dns_query_duration_seconds_count 7',
    'causeway_dns_answers_total{cluster="east"} 2',
    'causeway_dns_answers_total{cluster="west"} 1',
    'causeway_dns_compiled_answers_total{result="hit"} 3',
    'causeway_dns_compiled_answers_total{result="miss"} 4',
    'causeway_dns_malformed_total 1',
  ]);
});

test('what got no answer, by reason', async () => {
  const metrics = new Metrics();
  const queries = new QueryMetrics(metrics);
  queries.observe(eventOf({ rcode: undefined, drop: 'short', malformed: true, type: 0 }));
  queries.observe(eventOf({ rcode: undefined, drop: 'response' }));
  queries.observe(eventOf({ rcode: RCODE.SERVFAIL, drop: 'internal' }));
  queries.sendFailed();
  expect(linesOf((await metrics.scrape()).body)).toEqual([
    'causeway_dns_queries_total{transport="udp",type="A",rcode="SERVFAIL"} 1',
    'causeway_dns_query_duration_seconds_count 1',
    'causeway_dns_compiled_answers_total{result="miss"} 1',
    'causeway_dns_dropped_total{reason="short"} 1',
    'causeway_dns_dropped_total{reason="response"} 1',
    'causeway_dns_dropped_total{reason="internal"} 1',
    'causeway_dns_dropped_total{reason="send"} 1',
    'causeway_dns_malformed_total 1',
  ]);
});

test('10,000 cluster ids, 65,536 types and 4,096 codes stay within a bounded number of lines', async () => {
  const events: Partial<QueryEvent>[] = [];
  for (let index = 0; index < 10_000; index += 1) events.push({ cluster: `cluster-${index}` });
  for (let type = 0; type < 65_536; type += 1) events.push({ type, rcode: type & 0xfff });
  const lines = await linesAfter(events);
  expect(lines.filter(line => line.startsWith('causeway_dns_answers_total'))).toHaveLength(257);
  expect(lines).toContain('causeway_dns_answers_total{cluster="other"} 9744');
  expect(lines.length).toBeLessThan(1_000);
});
