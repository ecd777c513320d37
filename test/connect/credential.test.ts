import { expect, test } from 'vitest';
import { isGoodToken } from '../../src/connect/credential.ts';

const DAY = 86_400_000;
const account = { namespace: 'causeway-exports-west', name: 'west' };
const thirty = { from: 0, to: 30 * DAY };

test.each([
  { row: 'half its life is left', life: thirty, now: 15 * DAY, good: true },
  { row: 'a third is left, and nobody has renewed it', life: thirty, now: 20 * DAY, good: false },
  { row: 'it has ended', life: thirty, now: 31 * DAY, good: false },
  { row: 'it is shorter than was asked for', life: { from: 0, to: DAY }, now: 0, good: true },
  { row: 'it is longer than was asked for', life: { from: 0, to: 60 * DAY }, now: 0, good: false },
  { row: 'it has no end, and shall have one', life: undefined, now: 0, good: false },
  { row: 'it has no end, and shall have none', life: undefined, now: 0, lifetime: undefined, good: true },
  { row: 'it has an end, and shall have none', life: thirty, now: 0, lifetime: undefined, good: false },
  { row: 'it is of another account', life: thirty, now: 0, name: 'north', good: false },
])('a token does: $row', row => {
  const { life, now, good, name = 'west' } = row;
  const lifetime = 'lifetime' in row ? row.lifetime : (30 * DAY) / 1_000;
  expect(isGoodToken({ account: { ...account, name }, life }, { account, lifetime }, now)).toBe(good);
});

test('what cannot be read does not', () => {
  expect(isGoodToken(undefined, { account, lifetime: 600 }, 0)).toBe(false);
});
