import { expect, test } from 'vitest';
import { ownLimits, roomForConnections } from '../../src/apps/open-files.ts';
import { loggerTo } from '../../src/ops/log.ts';

const limits = (soft: string): string =>
  [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max cpu time              unlimited            unlimited            seconds   ',
    `Max open files            ${soft.padEnd(20)} 524288               files     `,
  ].join('\n');

test.each([
  { row: 'more than enough', limits: limits('524288'), connections: 2048, says: false },
  { row: 'just enough', limits: limits('2432'), connections: 2048, says: false },
  { row: 'one too few', limits: limits('2431'), connections: 2047, says: true },
  { row: 'the limit of many a shell', limits: limits('1024'), connections: 640, says: true },
  { row: 'hardly any', limits: limits('64'), connections: 16, says: true },
  { row: 'unlimited', limits: limits('unlimited'), connections: 2048, says: false },
  { row: 'a system without /proc', limits: '', connections: 2048, says: false },
])('$row', ({ limits, connections, says }) => {
  const lines: string[] = [];
  const log = loggerTo({ write: line => void lines.push(line) }, 'warn');
  expect(roomForConnections(2048, limits, log)).toBe(connections);
  expect(lines).toHaveLength(says ? 1 : 0);
});

test('the limits of this very process can be read', async () => {
  expect(await ownLimits()).toMatch(/^Max open files +\d+ /m);
});
