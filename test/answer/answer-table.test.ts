import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnswerTable, MOST_PROBES } from '../../src/answer/answer-table.ts';
import { KeyedHash } from '../../src/answer/keyed-hash.ts';
import { nameOctets, typeCode } from '../kit/packet.ts';

interface Value {
  readonly key: Uint8Array;
  readonly octets: number;
  readonly text: string;
}

function keyOf(name: string, type: 'A' | 'HTTPS' | 'TYPE97' = 'A'): Buffer {
  return Buffer.concat([nameOctets(name), Buffer.of(typeCode(type) >>> 8, typeCode(type) & 0xff)]);
}

function entryOf(name: string, octets = 1, text = name): Value {
  return { key: keyOf(name), octets, text };
}

function tableOf(most: number, mostOctets = 1_000_000, seed = 1): AnswerTable<Value> {
  return new AnswerTable({ most, mostOctets, octetsOf: ({ octets }) => octets, seed });
}

function find(table: AnswerTable<Value>, key: Uint8Array): string | undefined {
  // A query lies anywhere in a larger memory.
  const memory = Buffer.concat([Buffer.alloc(5, 0xff), key, Buffer.alloc(5, 0xff)]);
  return table.find(memory, 5, 5 + key.length - 2)?.text;
}

describe('finding', () => {
  test('case is folded in names, and nowhere else', () => {
    const table = tableOf(10);
    table.put({ ...entryOf('a.b'), key: keyOf('a.b', 'HTTPS') });
    expect(find(table, keyOf('A.b', 'HTTPS'))).toBe('a.b');
    expect(table.isCanonical).toBe(false);
    expect(find(table, keyOf('a.b', 'HTTPS'))).toBe('a.b');
    expect(table.isCanonical).toBe(true);
    // 65 and 97 are A and a, but these are types.
    expect(find(table, keyOf('a.b', 'TYPE97'))).toBeUndefined();
  });

  test.each(['a', 'a.b.c', 'b.a', 'a.bc', 'a@b', 'a.B\u0000', '[.b'])('%j is not a.b', name => {
    const table = tableOf(10);
    table.put(entryOf('a.b'));
    expect(find(table, keyOf(name))).toBeUndefined();
  });

  test('10,000 values, and after each was replaced', () => {
    const table = tableOf(10_000);
    const names = Array.from({ length: 10_000 }, (_, index) => `name-${index}`);
    for (const name of names) table.put(entryOf(name));
    for (const name of names) table.put(entryOf(name, 1, `${name} again`));
    expect(names.filter(name => find(table, keyOf(name)) !== `${name} again`)).toEqual([]);
    expect(table.size).toBe(10_000);
  });
});

describe('names that all belong at one place', () => {
  /** So many as the first places hold without that more are made. */
  const names = namesAtOnePlace(300, 1);

  test('take the places near it and no more, and who is not kept is not found', () => {
    const table = tableOf(10_000);
    for (const name of names) table.put(entryOf(name));
    expect(table.size).toBe(MOST_PROBES);
    const kept = names.slice(0, MOST_PROBES);
    expect(names.filter(name => find(table, keyOf(name)) !== undefined)).toEqual(kept);
    for (const name of kept) table.put(entryOf(name, 1, `${name} again`));
    expect(kept.filter(name => find(table, keyOf(name)) !== `${name} again`)).toEqual([]);
  });

  test('leave when there are more places, or stay and are found', () => {
    const table = tableOf(10_000);
    const others = Array.from({ length: 5_000 }, (_, index) => `other-${index}`);
    for (const name of [...names, ...others]) table.put(entryOf(name));
    const found = [...names, ...others].filter(name => find(table, keyOf(name)) === name);
    expect(found).toHaveLength(table.size);
    expect(table.size).toBeGreaterThan(others.length - MOST_PROBES);
  });

  // 257 has the low octet of 1, on which alone the low bits of a seeded FNV-1a depend.
  test.each([2, 257, 65_537, 0x1000001])('do so for their key only, not for %i', seed => {
    const table = tableOf(10_000, 1_000_000, seed);
    for (const name of names) table.put(entryOf(name));
    expect(table.size).toBe(names.length);
  });
});

function namesAtOnePlace(count: number, seed: number): string[] {
  const hash = new KeyedHash(seed);
  const names: string[] = [];
  for (let index = 0; names.length < count; index += 1) {
    const name = `n${index}`;
    const key = keyOf(name);
    if ((hash.ofQuestion(key, 0, key.length - 2) & 1023) === 0) names.push(name);
  }
  return names;
}

describe('bounds', () => {
  test('what was found lately stays, the rest goes in the order it came', () => {
    const table = tableOf(3);
    for (const name of ['a', 'b', 'c']) table.put(entryOf(name));
    find(table, keyOf('a'));
    table.put(entryOf('d'));
    table.put(entryOf('e'));
    expect(['a', 'b', 'c', 'd', 'e'].filter(name => find(table, keyOf(name)))).toEqual(['a', 'd', 'e']);
  });

  test('a value that is larger than all may be is not kept, and takes nothing but its forerunner', () => {
    const table = tableOf(3, 100);
    table.put(entryOf('a', 60));
    table.put(entryOf('b', 30));
    table.put(entryOf('b', 101));
    expect([find(table, keyOf('a')), find(table, keyOf('b'))]).toEqual(['a', undefined]);
  });

  test('whatever is put, what is found is what was put last, and nothing exceeds the bounds', () => {
    const name = fc.integer({ min: 0, max: 40 }).map(String);
    const step = fc.record({ name, octets: fc.integer({ min: 1, max: 60 }), puts: fc.boolean() });
    const seeds = fc.integer();
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 1, max: 12 }),
        seeds,
        (steps, most, seed) => {
          const table = tableOf(most, 200, seed);
          const last = new Map<string, Value>();
          for (const [index, one] of steps.entries()) {
            const value = entryOf(one.name, one.octets, `${one.name}, ${index}`);
            if (one.puts) {
              table.put(value);
              last.set(one.name, value);
              expect(find(table, value.key)).toBe(value.text);
            }
            const held = [...last.values()].filter(({ key, text }) => {
              const found = find(table, key);
              expect([text, undefined]).toContain(found);
              return found !== undefined;
            });
            expect(held).toHaveLength(table.size);
            expect(table.size).toBeLessThanOrEqual(most);
            expect(held.reduce((sum, { octets }) => sum + octets, 0)).toBeLessThanOrEqual(200);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
