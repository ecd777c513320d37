import { expect, test } from 'vitest';
import { kernelDrops } from '../../../bench/load/drops.ts';

const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  333: 0100007F:3BF9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 35190 2 0000000000000000 41
  334: 0100007F:3BF9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 35191 2 0000000000000000 1
  901: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 31218 2 0000000000000000 7
`;

test.each([
  { what: 'all sockets of a port', port: 0x3bf9, expected: 42 },
  { what: 'a port below 4096', port: 53, expected: 7 },
  { what: 'a port that nobody has', port: 1, expected: 0 },
])('drops of $what', ({ port, expected }) => {
  expect(kernelDrops(table, port)).toBe(expected);
});
