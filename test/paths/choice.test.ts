import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askedOf, pathsOf } from '../../src/paths/choice.ts';
import type { Target } from '../../src/paths/target.ts';

const target = (cluster: string, number: number, family: Target['family'] = 'IPv4'): Target => ({
  cluster,
  uid: `${cluster}${number}`,
  name: `node-${number}`,
  family,
  address: family === 'IPv4' ? `10.21.${number}.1` : `fd00:21:${number.toString(16)}::1`,
  mtu: 1450,
});

const nodes = (cluster: string, count: number): Target[] =>
  Array.from({ length: count }, (_, index) => target(cluster, index));

/** The uids of those in cluster west that a node asks. */
const asked = (own: string, targets: readonly Target[]): string[] =>
  askedOf(pathsOf(own, targets).get('west IPv4') ?? { ranking: [] }, () => false).map(({ uid }) => uid);

test('a few of each cluster and family', () => {
  const dual = [target('west', 1), target('west', 1, 'IPv6'), target('north', 1)];
  const paths = pathsOf('e1', [...nodes('west', 100), ...dual.slice(1)]);
  expect([...paths.keys()].sort()).toEqual(['north IPv4', 'west IPv4', 'west IPv6']);
  expect(asked('e1', nodes('west', 100))).toHaveLength(3);
  expect(asked('e1', nodes('west', 2))).toHaveLength(2);
});

test('a node asks the same ones over both families', () => {
  const both = nodes('west', 50).flatMap(({ uid }, index) => [
    { ...target('west', index), uid },
    { ...target('west', index, 'IPv6'), uid },
  ]);
  const [four, six] = [...pathsOf('e1', both).values()].map(({ ranking }) => ranking.map(({ uid }) => uid));
  expect(four).toEqual(six);
});

test('the nodes of a cluster ask different ones', () => {
  const targets = nodes('west', 20);
  const counts = new Map<string, number>();
  for (let own = 0; own < 400; own++)
    for (const uid of asked(`e${own}`, targets)) counts.set(uid, (counts.get(uid) ?? 0) + 1);
  // 60 each on average.
  expect(counts.size).toBe(20);
  for (const count of counts.values()) expect(count).toBeGreaterThan(30);
  for (const count of counts.values()) expect(count).toBeLessThan(90);
});

test('order does not matter, and who comes or goes changes nobody else', () => {
  const some = fc.uniqueArray(fc.nat(200), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(some, fc.nat(), (numbers, pick) => {
      const all = numbers.map(number => target('west', number));
      const before = asked('e1', all);
      expect(asked('e1', all.toReversed())).toEqual(before);
      const gone = all[pick % all.length];
      const after = asked(
        'e1',
        all.filter(one => one !== gone),
      );
      expect(after.slice(0, before.length - 1)).toEqual(
        before.includes(gone?.uid ?? '')
          ? before.filter(uid => uid !== gone?.uid)
          : after.slice(0, before.length - 1),
      );
      if (!before.includes(gone?.uid ?? '')) expect(after).toEqual(before);
    }),
  );
});

describe('stand-ins for those that are silent', () => {
  const path = { ranking: nodes('west', 6) };

  test.each([
    { silent: '', expected: '0 1 2' },
    { silent: '1', expected: '0 1 2 3' },
    { silent: '0 1 2', expected: '0 1 2 3 4 5' },
    { silent: '0 1 2 3', expected: '0 1 2 3 4 5' },
    { silent: '0 1 2 3 4 5', expected: '0 1 2 3 4 5' },
    { silent: '4 5', expected: '0 1 2' },
  ])('silent: "$silent", asked: $expected', ({ silent, expected }) => {
    const names = silent.split(' ').map(number => `node-${number}`);
    const found = askedOf(path, ({ name }) => names.includes(name)).map(({ name }) => name.slice(5));
    expect(found.join(' ')).toBe(expected);
  });
});
