import { expect, test } from 'vitest';
import { metricOf } from '../../../bench/sync/metrics-text.ts';

const exposition = `# HELP writes_total Objects written.
# TYPE writes_total counter
writes_total{result="ok"} 40
writes_total{result="failed"} 2
writes_total_more 9
resident_bytes 1.5e+8
`;

test.each([
  { name: 'writes_total', labels: {}, sum: 42 },
  { name: 'writes_total', labels: { result: 'ok' }, sum: 40 },
  { name: 'resident_bytes', labels: {}, sum: 150_000_000 },
])('$name with $labels is $sum', ({ name, labels, sum }) => {
  expect(metricOf(exposition, name, labels)).toBe(sum);
});

test('a metric that is not there is no zero', () => {
  expect(() => metricOf(exposition, 'writes')).toThrow('no metric writes');
  expect(() => metricOf(exposition, 'writes_total', { result: 'lost' })).toThrow('result="lost"');
});
