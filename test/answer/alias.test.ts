import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AliasTable } from '../../src/answer/alias.ts';
import { ask, responderOf } from '../kit/dns.ts';
import { seededRandom } from '../kit/random.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

/**
 * The exact share of each index: the measure of the random numbers that draw it. A column changes its mind at most
 * once, so that place is found by bisection.
 */
function sharesOf(weights: readonly number[]): number[] {
  const table = new AliasTable(weights);
  const shares = new Array<number>(weights.length).fill(0);
  for (let column = 0; column < weights.length; column++) {
    const start = column / weights.length;
    const end = (column + 1) / weights.length;
    const own = table.draw(start + (end - start) * 1e-12);
    const alias = table.draw(end - (end - start) * 1e-12);
    let low = start;
    let high = end;
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      if (table.draw(middle) === own) low = middle;
      else high = middle;
    }
    shares[own] = (shares[own] ?? 0) + low - start;
    shares[alias] = (shares[alias] ?? 0) + end - low;
  }
  return shares;
}

const weights = fc
  .array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 12 })
  .filter(list => list.some(weight => weight > 0));

describe('shares', () => {
  test.each([
    { list: [80, 20], shares: [0.8, 0.2] },
    { list: [1], shares: [1] },
    { list: [1, 1, 1], shares: [1 / 3, 1 / 3, 1 / 3] },
    { list: [0, 5, 0], shares: [0, 1, 0] },
    { list: [1000, 1], shares: [1000 / 1001, 1 / 1001] },
    { list: [1, 2, 3, 4], shares: [0.1, 0.2, 0.3, 0.4] },
    { list: [0.25, 0.5], shares: [1 / 3, 2 / 3] },
  ])('of $list', ({ list, shares }) => {
    for (const [index, share] of sharesOf(list).entries()) expect(share).toBeCloseTo(shares[index] ?? 0, 9);
  });

  test('are those of the weights, whatever they are', () => {
    fc.assert(
      fc.property(weights, list => {
        const total = list.reduce((sum, weight) => sum + weight, 0);
        for (const [index, share] of sharesOf(list).entries())
          expect(share).toBeCloseTo((list[index] ?? 0) / total, 9);
      }),
    );
  });

  test('are what the table says of itself', () => {
    fc.assert(
      fc.property(weights, list => {
        const total = list.reduce((sum, weight) => sum + weight, 0);
        const said = new AliasTable(list).shares();
        expect(said).toEqual(list.map(weight => expect.closeTo(weight / total, 12)));
      }),
    );
  });

  test('a weight of 0 is never drawn, and every index is one of the list', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(weights, random, (list, number) => {
        expect(list[new AliasTable(list).draw(number)]).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});

test('a run of draws passes the chi-square test', () => {
  const list = [400, 300, 200, 90, 10];
  const table = new AliasTable(list);
  const random = seededRandom(20);
  const draws = 200_000;
  const counts = list.map(() => 0);
  for (let draw = 0; draw < draws; draw++) {
    const index = table.draw(random());
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const chiSquare = counts.reduce((sum, count, index) => {
    const expected = (draws * (list[index] ?? 0)) / 1000;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  // The 99.9 % quantile for four degrees of freedom.
  expect(chiSquare).toBeLessThan(18.47);
});

describe('answers are drawn with the weights of the clusters', () => {
  const service = (weightsByCluster: readonly number[]) =>
    serviceOf(
      'shop',
      'payments',
      weightsByCluster.map((weight, index) => clusterOf(`c${index}`, [`10.0.0.${index}`], { weight })),
    );
  const counted = (list: readonly number[], draws: number) => {
    const responder = responderOf(zoneOf([service(list)]), { random: seededRandom(3) });
    const counts = new Map<unknown, number>();
    for (let draw = 0; draw < draws; draw++) {
      const [record] = ask(responder, 'payments.shop.svc.clusterset.local', 'A').answers;
      counts.set(record?.data, (counts.get(record?.data) ?? 0) + 1);
    }
    return counts;
  };

  test('20,000 queries split 80/20 within a point', () => {
    const counts = counted([80, 20], 20_000);
    expect(Math.abs((counts.get('10.0.0.0') ?? 0) / 20_000 - 0.8)).toBeLessThan(0.01);
    expect([...counts.keys()].sort()).toEqual(['10.0.0.0', '10.0.0.1']);
  });

  test('a cluster of weight 0 is never given', () => {
    expect([...counted([5, 0, 5], 1000).keys()].sort()).toEqual(['10.0.0.0', '10.0.0.2']);
  });
});
