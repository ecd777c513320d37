import { describe, expect, test } from 'vitest';
import { quantile, readLatencies, readStatistics } from '../../../bench/dns/dnsperf.ts';

const statistics = (codes: string) => `
Statistics:

  Queries sent:         60000
  Queries completed:    59999 (100.00%)
  Queries lost:         1 (0.00%)

  Response codes:       ${codes}
  Average packet size:  request 49, response 97
  Run time (s):         3.000036
  Queries per second:   19999.426674

  Average Latency (s):  0.000034 (min 0.000013, max 0.003104)
  Latency StdDev (s):   0.000105
`;

describe('what dnsperf prints', () => {
  test('statistics are read off', () => {
    expect(readStatistics(statistics('NOERROR 59999 (100.00%)'))).toEqual({
      completed: 59_999,
      lost: 1,
      rate: 19_999.426674,
      seconds: 3.000036,
    });
  });

  test.each([
    ['another code', statistics('NOERROR 59998 (100.00%), SERVFAIL 1 (0.00%)'), 'SERVFAIL 1'],
    ['no answer at all', statistics(''), 'response codes'],
    ['no statistics', 'Error: unable to connect\n', 'response codes none'],
  ])('%s is refused', (_, output, message) => {
    expect(() => readStatistics(output)).toThrow(message);
  });

  test('latencies are read from answered queries only, in order', () => {
    const output =
      '> NOERROR svc1.ns1.svc.clusterset.local A 0.000214\n> T svc2.ns2.svc.clusterset.local A\n' +
      '> NOERROR svc3.ns3.svc.clusterset.local A 0.000027\n[Status] Testing complete\n';
    expect(Array.from(readLatencies(output), Math.round)).toEqual([27, 214]);
  });
});

test.each([
  { share: 0.5, values: [1, 2, 3, 4], expected: 2 },
  { share: 0.99, values: Array.from({ length: 200 }, (_, index) => index + 1), expected: 198 },
  { share: 0.99, values: [7], expected: 7 },
])('the $share quantile by nearest rank is $expected', ({ share, values, expected }) => {
  expect(quantile(Float64Array.from(values), share)).toBe(expected);
});
