import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeZone } from '../../../bench/dns/zone.ts';
import { recordAt, versionOf } from '../../../bench/load/changing-zone.ts';

const [record, other] = makeZone(2).records;
if (record === undefined || other === undefined) throw new Error('a zone of two names');

test('addresses tell their version, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 22 - 1), version => {
      const { addresses } = recordAt(record, version);
      expect(versionOf(record, addresses.toReversed())).toBe(version);
      expect(addresses.slice(0, 2)).toEqual(record.addresses.slice(0, 2));
    }),
  );
});

const [first = '', second = '', third = ''] = record.addresses;

test.each([
  { what: 'none', addresses: [] },
  { what: 'one too few', addresses: [first, second] },
  { what: 'one too many', addresses: [first, second, third, '10.64.0.1'] },
  { what: 'two versions at once', addresses: [first, '10.64.0.1', '10.64.0.2'] },
  { what: 'one twice', addresses: [first, first, '10.64.0.1'] },
  { what: "another name's", addresses: recordAt(other, 3).addresses },
  { what: 'one that no version has', addresses: [first, second, '10.64.0.0'] },
  { what: 'one from elsewhere', addresses: [first, second, '192.0.2.1'] },
])('addresses of which there is $what are of no version', ({ addresses }) => {
  expect(versionOf(record, addresses)).toBeUndefined();
});
