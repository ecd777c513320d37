import { describe, expect, test } from 'vitest';
import { MergedServices } from '../../src/mesh/merged-services.ts';
import type { MergedService } from '../../src/mesh/model.ts';
import { clusterOf, serviceOf } from '../kit/zone.ts';

/** Services by key, to be changed at will, and what a flush tells of them. */
function services(names: readonly string[]) {
  const state = new Map<string, MergedService>();
  const merged = new MergedServices();
  const set = (name: string, ...pods: readonly string[]) =>
    state.set(name, serviceOf('shop', name, [clusterOf('east', pods)]));
  for (const name of names) set(name, '10.0.0.1');
  const flush = (touched: Set<string>, most?: number) =>
    [...merged.flush(touched, key => state.get(key), most)].map(
      ([key, service]) => `${key} ${service?.clusters[0]?.clusterIPs ?? 'gone'}`,
    );
  return { state, merged, set, flush };
}

describe('a flush', () => {
  test('tells what is new, other and gone, and nothing else', () => {
    const { state, set, flush, merged } = services(['cart', 'pay', 'web']);
    expect(flush(new Set(['cart', 'pay', 'web']))).toEqual(['cart 10.0.0.1', 'pay 10.0.0.1', 'web 10.0.0.1']);
    set('cart', '10.0.0.1');
    set('pay', '10.0.0.2', '10.0.0.3');
    state.delete('web');
    expect(flush(new Set(['cart', 'pay', 'web', 'never']))).toEqual(['pay 10.0.0.2,10.0.0.3', 'web gone']);
    expect([[...merged.keys()], merged.sizes]).toEqual([['cart', 'pay'], { services: 2, endpoints: 3 }]);
  });

  test('leaves the rest touched where there is too much', () => {
    const { flush } = services(['cart', 'pay', 'web']);
    const touched = new Set(['cart', 'pay', 'web']);
    expect(flush(touched, 2)).toHaveLength(2);
    expect([...touched]).toEqual(['web']);
    expect(flush(touched, 2)).toEqual(['web 10.0.0.1']);
  });

  test('tells once more what means something else now, and only once', () => {
    const { flush, merged } = services(['cart', 'pay']);
    flush(new Set(['cart', 'pay']));
    merged.tellAgain();
    expect(flush(new Set(['cart']))).toEqual(['cart 10.0.0.1']);
    expect(flush(new Set(['cart', 'pay']))).toEqual(['pay 10.0.0.1']);
    expect(flush(new Set(['cart', 'pay']))).toEqual([]);
  });
});
