import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineReader } from '../../src/kube/json-lines.ts';

test('lines are the same, whatever pieces they come in', () => {
  const line = fc.string({ unit: 'binary' }).map(text => JSON.stringify(text));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 })), (lines, sizes) => {
      const octets = Buffer.from(lines.map(text => `${text}\n`).join(''));
      const reader = new LineReader(1_000);
      const read: string[] = [];
      for (let start = 0, turn = 0; start < octets.length; turn++) {
        const end = start + (sizes[turn % sizes.length] ?? 5);
        read.push(...reader.push(octets.subarray(start, end)));
        start = end;
      }
      expect(read).toEqual(lines);
      expect(reader.inLine).toBe(false);
    }),
  );
});

test('a line that is begun is known, and one that is too long is refused', () => {
  const reader = new LineReader(4);
  expect([...reader.push(Buffer.from('1\n\n12'))]).toEqual(['1']);
  expect(reader.inLine).toBe(true);
  expect([...reader.push(Buffer.from('34\n'))]).toEqual(['1234']);
  expect(() => [...reader.push(Buffer.from('12345'))]).toThrow(RangeError);
});
