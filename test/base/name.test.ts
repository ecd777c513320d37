import { describe, expect, test } from 'vitest';
import { isClusterId, isLabel } from '../../src/base/name.ts';

describe('a label', () => {
  test.each(['a', '0', 'payments', 'a-b', `${'a'.repeat(63)}`])('%s is one', text => {
    expect(isLabel(text)).toBe(true);
  });

  test.each(['', '-a', 'a-', 'A', 'a.b', 'a_b', 'ä', 'a b', `${'a'.repeat(64)}`])('%j is none', text => {
    expect(isLabel(text)).toBe(false);
  });
});

describe('a cluster id', () => {
  test.each(['east', 'east.registry', '1'])('%s is one', text => {
    expect(isClusterId(text)).toBe(true);
  });

  test.each(['', '.', 'east.', '.east', 'a..b', 'East', '..', `${'a'.repeat(40)}.${'b'.repeat(40)}`])(
    '%j is none',
    text => {
      expect(isClusterId(text)).toBe(false);
    },
  );
});
