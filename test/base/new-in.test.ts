import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newIn } from '../../src/base/new-in.ts';

test('what is new is what was not there before, wherever it stands', () => {
  const pool = Array.from({ length: 6 }, (_, number) => ({ number }));
  const list = fc.shuffledSubarray(pool);
  fc.assert(
    fc.property(list, list, (now, before) => {
      expect(newIn(now, before)).toEqual(now.filter(item => !before.includes(item)));
    }),
  );
});
