import { expect, test } from 'vitest';
import { messageOf } from '../../src/base/errors.ts';

test.each([
  {
    row: 'a message',
    thrown: new Error('connect ECONNREFUSED 192.0.2.7:6443'),
    says: 'connect ECONNREFUSED 192.0.2.7:6443',
  },
  {
    row: 'one with an address of nobody',
    thrown: new Error('connect ENETUNREACH 192.0.2.7:6443 - Local (0.0.0.0:0)'),
    says: 'connect ENETUNREACH 192.0.2.7:6443',
  },
  {
    row: 'one with that address in IPv6',
    thrown: new Error('connect ENETUNREACH 2001:db8::7:6443 - Local (:::0)'),
    says: 'connect ENETUNREACH 2001:db8::7:6443',
  },
  { row: 'no error at all', thrown: 'nonsense', says: 'nonsense' },
])('$row', ({ thrown, says }) => {
  expect(messageOf(thrown)).toBe(says);
});
