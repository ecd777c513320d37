import { expect, test } from 'vitest';
import { changeIn, endpointsOf, exportsOf } from '../../../bench/sync/exported.ts';

test.each([0, 1, 255, 256, 65_536, 1_000_000])('the addresses after change %i tell it', change => {
  const addresses = (endpointsOf(7, change) as { addresses: string[] }[]).flatMap(each => each.addresses);
  expect(new Set(addresses).size).toBe(3);
  expect(changeIn(addresses)).toBe(change);
});

test('addresses without a change tell none', () => {
  expect(changeIn([])).toBe(-1);
  expect(changeIn(['10.0.0.7', '11.0.0.7'])).toBe(-1);
});

test('a quarter of the services is headless, in every namespace', () => {
  const exports = exportsOf(2_000);
  expect(new Set(exports.map(({ namespace, name }) => `${namespace}/${name}`)).size).toBe(2_000);
  const headless = exports.filter(one => one.headless);
  expect(headless).toHaveLength(500);
  expect(new Set(headless.map(({ namespace }) => namespace)).size).toBe(20);
});
