import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCidr, rangeOf } from '../../src/base/ip.ts';
import { clashBetween, clashWithin, type Interval, outermost } from '../../src/diagnose/intervals.ts';

function interval(text: string): Interval<string> {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`${text} is no block`);
  return { ...rangeOf(cidr), owner: text };
}

/** Blocks that lie close together, so that some hold others. */
const block = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 32 }))
  .map(([host, prefix]) => interval(`10.0.0.${host}/${prefix}`));
const blocks = fc.array(block, { maxLength: 8 });
const clash = (one: Interval<string>, other: Interval<string>) =>
  one.first <= other.last && other.first <= one.last;

test('outermost are all addresses and no address twice', () => {
  fc.assert(
    fc.property(blocks, list => {
      const kept = outermost(list);
      expect(clashWithin(kept)).toBeUndefined();
      for (const one of list) {
        expect(kept.some(({ first, last }) => first <= one.first && one.last <= last)).toBe(true);
      }
    }),
  );
});

test('a clash within a list is found where there is one', () => {
  fc.assert(
    fc.property(blocks, list => {
      const pairs = list.flatMap((one, index) => list.slice(index + 1).map(other => clash(one, other)));
      expect(clashWithin(list) !== undefined).toBe(pairs.includes(true));
    }),
  );
});

test('a clash between two lists is found where there is one, and is one', () => {
  fc.assert(
    fc.property(blocks, blocks, (ours, theirs) => {
      const found = clashBetween(outermost(ours), outermost(theirs));
      const there = ours.some(one => theirs.some(other => clash(one, other)));
      expect(found !== undefined).toBe(there);
      if (found !== undefined) expect(clash(interval(found[0]), interval(found[1]))).toBe(true);
    }),
  );
});
