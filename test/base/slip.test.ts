import { expect, test } from 'vitest';
import { isSlip } from '../../src/base/slip.ts';

test.each([
  { one: 'shop', other: 'shopp', slip: true },
  { one: 'shop', other: 'hop', slip: true },
  { one: 'shop', other: 'stop', slip: true },
  { one: 'shop', other: 'hsop', slip: true },
  { one: 'shop', other: 'shpo', slip: true },
  { one: 'pp', other: 'ppp', slip: true },
  { one: 'shop', other: 'bank', slip: false },
  { one: 'shop', other: 'shopper', slip: false },
  { one: 'shop', other: 'hspo', slip: false },
  { one: 'shop', other: 'posh', slip: false },
])('$one for $other: $slip', ({ one, other, slip }) => {
  expect(isSlip(one, other)).toBe(slip);
  expect(isSlip(other, one)).toBe(slip);
});
