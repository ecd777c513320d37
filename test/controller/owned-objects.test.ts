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

  test('an object that was written anew since it was last told stays', () => {
    const objects = new OwnedObjects();
    objects.put(slice('12', 'b'));
    expect(objects.drop(slice('10', 'a'))).toBe(false);
    expect(held(objects)).toEqual(['12 b']);
  });

  test('what is not held cannot go', () => {
    expect(new OwnedObjects().drop(slice('10', 'a'))).toBe(false);
  });
});
