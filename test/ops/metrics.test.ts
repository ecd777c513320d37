import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Buckets } from '../../src/ops/buckets.ts';
import type { MetricDeclaration } from '../../src/ops/metric-declaration.ts';
import { METRICS } from '../../src/ops/metric-table.ts';
import { Metrics } from '../../src/ops/metrics.ts';

const declarations: readonly MetricDeclaration[] = Object.values(METRICS);

test.each(declarations)('$name is named as Prometheus asks', ({ name, type, help, labels }) => {
  expect(name).toMatch(/^causeway_(dns|http|source|mesh|controller|remote|agent)_[a-z]+(_[a-z]+)*$/);
  if (type === 'counter') expect(name).toMatch(/_total$/);
  else expect(name).not.toMatch(/_(total|count|sum|bucket)$/);
  if (type === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/);
  if (type === 'gauge')
    expect(name).toMatch(
      /_(connections|sockets|services|namespaces|files|problems|conflicts|endpoints|stale|leading|queue|serving|synced|up|peers|nodes|faults|entries|sessions|blocks|tunnels|bytes|seconds)$/,
    );
  expect(help).toMatch(/^[A-Z01].*\.$/);
  for (const label of Object.keys(labels)) {
    expect(label).toMatch(/^[a-z]+$/);
    expect(['name', 'qname', 'client', 'le']).not.toContain(label);
  }
});

test('no two metrics share a name', () => {
  expect(new Set(declarations.map(({ name }) => name)).size).toBe(declarations.length);
});

test('values are read at each scrape, and what is gone is gone', async () => {
  const metrics = new Metrics();
  let closed = [{ labels: { reason: 'idle' }, value: 3 }];
  let open = 2;
  metrics.export(METRICS.tcpClosed, () => closed);
  metrics.export(METRICS.tcpConnections, () => [{ value: open }]);
  expect((await metrics.scrape()).body).toBe(
    [
      '# HELP causeway_dns_tcp_closed_total Closed TCP connections by reason.',
      '# TYPE causeway_dns_tcp_closed_total counter',
      'causeway_dns_tcp_closed_total{reason="idle"} 3',
      '',
      '# HELP causeway_dns_tcp_connections Open TCP connections.',
      '# TYPE causeway_dns_tcp_connections gauge',
      'causeway_dns_tcp_connections 2',
      '',
    ].join('\n'),
  );
  closed = [{ labels: { reason: 'slow' }, value: 1 }];
  open = 0;
  const lines = (await metrics.scrape()).body
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));
  expect(lines).toEqual(['causeway_dns_tcp_closed_total{reason="slow"} 1', 'causeway_dns_tcp_connections 0']);
});

test('a histogram has cumulative buckets, a sum and a count', async () => {
  const metrics = new Metrics();
  const buckets = new Buckets([0.001, 0.01]);
  for (const seconds of [0.0005, 0.001, 0.002, 5]) buckets.add(seconds);
  metrics.exportHistogram(METRICS.queryDuration, buckets);
  const lines = (await metrics.scrape()).body
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('# HELP'));
  expect(lines).toEqual([
    '# TYPE causeway_dns_query_duration_seconds histogram',
    'causeway_dns_query_duration_seconds_bucket{le="0.001"} 2',
    'causeway_dns_query_duration_seconds_bucket{le="0.01"} 3',
    'causeway_dns_query_duration_seconds_bucket{le="+Inf"} 4',
    'causeway_dns_query_duration_seconds_sum 5.0035',
    'causeway_dns_query_duration_seconds_count 4',
  ]);
});

test('each value falls into the first bucket whose bound it does not exceed', () => {
  const bounds = [1, 2, 5, 10];
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), values => {
      const buckets = new Buckets(bounds);
      for (const value of values) buckets.add(value);
      const counts = [...buckets.samples('x')].slice(0, 5).map(({ value }) => value);
      const expected = [...bounds, Number.POSITIVE_INFINITY].map(
        bound => values.filter(value => value <= bound).length,
      );
      expect(counts).toEqual(expected);
    }),
  );
});

test('the process is measured too', async () => {
  const metrics = new Metrics();
  metrics.exportProcess();
  expect((await metrics.scrape()).body).toContain('process_resident_memory_bytes');
});
