import { describe, expect, test } from 'vitest';
import { type OwnedObject, OwnedObjects } from '../../src/controller/owned-objects.ts';

function slice(resourceVersion: string, fingerprint: string): OwnedObject {
  const names = {
    kind: 'EndpointSlice',
    namespace: 'shop',
    name: 'payments-west-1',
    key: 'shop/payments',
  } as const;
  return { ...names, fingerprint, resourceVersion, uid: 'u1' };
}

function held(objects: OwnedObjects): string[] {
  return [...objects.of('shop/payments').values()].map(one => `${one.resourceVersion} ${one.fingerprint}`);
}

describe('what is told twice', () => {
  const cases: [string, OwnedObject, OwnedObject, string, boolean][] = [
    ['the same again is no news', slice('10', 'a'), slice('10', 'a'), '10 a', false],
    ['a newer version with the same content is no news', slice('10', 'a'), slice('11', 'a'), '11 a', false],
    ['a newer version with other content is news', slice('10', 'a'), slice('11', 'b'), '11 b', true],
    ['an older event after our own write is old news', slice('11', 'b'), slice('10', 'a'), '11 b', false],
    ['versions compare as numbers, not as texts', slice('100', 'b'), slice('99', 'a'), '100 b', false],
    [
      'versions of more than 53 bits compare exactly',
      slice('18446744073709551615', 'b'),
      slice('18446744073709551614', 'a'),
      '18446744073709551615 b',
      false,
    ],
    ['versions that are no numbers are never called older', slice('v2', 'b'), slice('v1', 'a'), 'v1 a', true],
  ];
  test.each(cases)('%s', (_, first, second, expected, news) => {
    const objects = new OwnedObjects();
    objects.put(first);
    expect(objects.put(second)).toBe(news);
    expect(held(objects)).toEqual([expected]);
  });
});

describe('what goes', () => {
  test('the object as last told goes, and its service with it', () => {
    const objects = new OwnedObjects();
    objects.put(slice('10', 'a'));
    expect(objects.drop(slice('10', 'a'))).toBe(true);
    expect([...objects.keys]).toEqual([]);
  });

  test('another object of its name, created since then, stays', () => {
    const objects = new OwnedObjects();
    objects.put({ ...slice('12', 'b'), uid: 'u2' });
    expect(objects.drop(slice('10', 'a'))).toBe(false);
    expect(held(objects)).toEqual(['12 b']);
  });

  test('an object that was written again since it was last told goes with it', () => {
    const objects = new OwnedObjects();
    objects.put(slice('12', 'b'));
    expect(objects.drop(slice('10', 'a'))).toBe(true);
  });

  test('what is not held cannot go', () => {
    expect(new OwnedObjects().drop(slice('10', 'a'))).toBe(false);
  });
});

describe('a whole list', () => {
  const list = (version: string, names: readonly string[]) => ({
    version,
    has: (_: string, name: string) => names.includes(name),
  });
  const there = ['payments-west-1'];
  const cases: [string, string, readonly string[], readonly string[], boolean][] = [
    ['that has the object changes nothing', '20', there, [], true],
    ['that lacks an object which no event said was gone makes it go', '20', [], ['shop/payments'], false],
    [
      'that is older than our own write proves nothing, but has us look again',
      '5',
      [],
      ['shop/payments'],
      true,
    ],
  ];
  test.each(cases)('%s', (_, version, names, wrong, stays) => {
    const objects = new OwnedObjects();
    objects.put(slice('10', 'a'));
    expect(objects.verify('EndpointSlice', list(version, names))).toEqual(wrong);
    expect(objects.of('shop/payments').size).toBe(stays ? 1 : 0);
  });

  test('of another kind says nothing', () => {
    const objects = new OwnedObjects();
    objects.put(slice('10', 'a'));
    expect(objects.verify('Service', list('20', []))).toEqual([]);
  });

  test('of a store that was set back lets its events count again', () => {
    const objects = new OwnedObjects();
    objects.put(slice('1000', 'b'));
    objects.verify('EndpointSlice', list('50', there));
    expect(objects.put(slice('40', 'a'))).toBe(true);
    expect(held(objects)).toEqual(['40 a']);
  });
});

test('addresses that were given to a Service since are news', () => {
  const objects = new OwnedObjects();
  objects.put({ ...slice('10', 'a'), kind: 'Service', clusterIPs: ['10.0.0.1'] });
  const more = { ...slice('11', 'a'), kind: 'Service', clusterIPs: ['10.0.0.1', 'fd00::1'] } as const;
  expect(objects.put(more)).toBe(true);
});
