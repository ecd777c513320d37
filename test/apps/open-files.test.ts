import { expect, test } from 'vitest';
import { ownLimits, roomForConnections } from '../../src/apps/open-files.ts';
import { loggerTo } from '../../src/ops/log.ts';

const limits = (soft: string): string =>
  [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max cpu time              unlimited            unlimited            seconds   ',
    `Max open files            ${soft.padEnd(20)} 524288               files     `,
  ].join('\n');

const listen = [{ address: '127.0.0.1', port: 53 }];

test.each([
  { row: 'more than enough', limits: limits('524288'), threads: 1, connections: 2048, says: false },
  { row: 'just enough', limits: limits('2376'), threads: 1, connections: 2048, says: false },
  { row: 'one too few', limits: limits('2375'), threads: 1, connections: 2047, says: true },
  { row: 'threads take some', limits: limits('2376'), threads: 4, connections: 2024, says: true },
  { row: 'the limit of many a shell', limits: limits('1024'), threads: 1, connections: 696, says: true },
  { row: 'hardly any', limits: limits('64'), threads: 1, connections: 16, says: true },
  { row: 'unlimited', limits: limits('unlimited'), threads: 1, connections: 2048, says: false },
  { row: 'a system without /proc', limits: '', threads: 1, connections: 2048, says: false },
])('$row', ({ limits, threads, connections, says }) => {
  const lines: string[] = [];
  const log = loggerTo({ write: line => void lines.push(line) }, 'warn');
  const config = { tcpMaxConnections: 2048, udpThreads: threads, listen };
  expect(roomForConnections(config, limits, log)).toBe(connections);
  expect(lines).toHaveLength(says ? 1 : 0);
});

test('the limits of this very process can be read', async () => {
  expect(await ownLimits()).toMatch(/^Max open files +\d+ /m);
});
