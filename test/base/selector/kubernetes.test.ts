import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LONGEST_SELECTOR } from '../../../src/base/selector/cursor.ts';
import { parseLabelSelector } from '../../../src/base/selector/kubernetes.ts';
import { matches } from '../../../src/base/selector/selector.ts';
import { selects } from './labels.ts';

describe('a label selector as kubectl -l takes it', () => {
  test.each([
    { text: 'region=eu', yes: ['region=eu', 'region=eu tier=1'], no: ['region=us', 'tier=eu', ''] },
    { text: 'region==eu', yes: ['region=eu'], no: ['region=us'] },
    { text: 'region!=eu', yes: ['region=us', 'tier=1', ''], no: ['region=eu'] },
    { text: 'region in (eu)', yes: ['region=eu'], no: ['region=us', ''] },
    { text: 'region in (eu, us)', yes: ['region=eu', 'region=us'], no: ['region=asia', ''] },
    { text: 'region notin (eu,us)', yes: ['region=asia', ''], no: ['region=eu', 'region=us'] },
    { text: 'region', yes: ['region=eu', 'region='], no: ['tier=1', ''] },
    { text: '!region', yes: ['tier=1', ''], no: ['region=eu', 'region='] },
    { text: 'region=', yes: ['region='], no: ['region=eu', ''] },
    { text: 'region in (,eu)', yes: ['region=', 'region=eu'], no: ['region=us', ''] },
    { text: 'region=eu,tier!=2', yes: ['region=eu tier=1', 'region=eu'], no: ['region=eu tier=2', 'tier=1'] },
    { text: ' region = eu , ! tier ', yes: ['region=eu'], no: ['region=eu tier=1'] },
    { text: 'region in(eu),tier notin(2)', yes: ['region=eu'], no: ['region=eu tier=2'] },
    {
      text: 'topology.kubernetes.io/region=eu',
      yes: ['topology.kubernetes.io/region=eu'],
      no: ['region=eu'],
    },
    { text: 'in in (in), notin=notin', yes: ['in=in notin=notin'], no: ['in=in'] },
    { text: 'constructor', yes: ['constructor=x'], no: ['', 'region=eu'] },
    { text: '!toString', yes: [''], no: ['toString=x'] },
  ])('$text', ({ text, yes, no }) => {
    const chosen = [...yes, ...no].filter(labels => selects(parseLabelSelector(text), labels));
    expect(chosen).toEqual(yes);
  });
});

describe('what is none says where, what was found and what was expected', () => {
  test.each([
    { text: '', fault: 'at character 1 found its end: expected the key of a label' },
    { text: '   ', fault: 'at character 4 found its end: expected the key of a label' },
    { text: 'region=eu,', fault: 'at character 11 found its end: expected the key of a label' },
    { text: ',region', fault: 'at character 1 found ",region": expected the key of a label' },
    { text: 'region eu', fault: 'at character 8 found "eu": expected its end, ",", "=", "!=", "in (…)"' },
    { text: 'region=eu us', fault: 'at character 11 found "us": expected its end or another condition' },
    { text: 'region in eu', fault: 'at character 11 found "eu": expected "("' },
    { text: 'region in (eu', fault: 'at character 14 found its end: expected "," or ")"' },
    { text: 'region in (eu us)', fault: 'at character 15 found "us)": expected "," or ")"' },
    { text: 'region=eu)', fault: 'at character 10 found ")": expected its end' },
    { text: 'region=-eu', fault: 'at character 8 found "-eu": expected the value of a label' },
    {
      text: `region=${'x'.repeat(64)}`,
      fault: 'at character 8 found "xxxxxxxxxxxx": expected the value of a label',
    },
    { text: 'Region/=eu', fault: 'at character 1 found "Region/=eu": expected the key of a label' },
    { text: 'EU.example/region', fault: 'at character 1 found "EU.example/r": expected the key of a label' },
    { text: 'region>1', fault: 'at character 1 found "region>1": expected the key of a label' },
    { text: '!!region', fault: 'at character 2 found "!region": expected the key of a label' },
    { text: '\u{1f600}', fault: 'at character 1 found "😀": expected the key of a label' },
    { text: 'x'.repeat(LONGEST_SELECTOR + 1), fault: `has 4097 characters: 4096 is the most` },
  ])('$text', ({ text, fault }) => {
    expect(parseLabelSelector(text)).toEqual({ fault: expect.stringContaining(fault) });
  });
});

describe('for all texts', () => {
  test('whatever it is given, it returns a selector or a fault', () => {
    const pieces = fc.constantFrom(
      'a',
      'b.c/d',
      '=',
      '==',
      '!=',
      '!',
      ',',
      '(',
      ')',
      ' in ',
      ' notin ',
      ' ',
      '>',
    );
    const almost = fc.array(pieces, { maxLength: 20 }).map(parts => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), almost), text => {
        const reading = parseLabelSelector(text);
        expect('fault' in reading ? reading.fault : reading.selector).toBeDefined();
      }),
    );
  });

  const key = fc.constantFrom('a', 'in', 'notin', 'x.y/z', 'A_b');
  const value = fc.constantFrom('', 'a', 'in', 'x.y', 'A_b-1');
  const requirement = fc.oneof(
    fc.tuple(key, value).map(([k, v]) => ({ text: `${k}=${v}`, holds: (l: Labels) => l[k] === v })),
    fc.tuple(key, value).map(([k, v]) => ({ text: `${k} != ${v}`, holds: (l: Labels) => l[k] !== v })),
    fc.tuple(key, fc.array(value, { minLength: 1 })).map(([k, vs]) => ({
      text: `${k} in (${vs.join(',')})`,
      holds: (l: Labels) => vs.some(v => l[k] === v),
    })),
    fc.tuple(key, fc.array(value, { minLength: 1 })).map(([k, vs]) => ({
      text: `${k} notin (${vs.join(' , ')})`,
      holds: (l: Labels) => !vs.some(v => l[k] === v),
    })),
    key.map(k => ({ text: k, holds: (l: Labels) => l[k] !== undefined })),
    key.map(k => ({ text: `!${k}`, holds: (l: Labels) => l[k] === undefined })),
  );
  type Labels = Readonly<Record<string, string>>;

  test('all its conditions hold, and nothing else', () => {
    const all = fc.array(requirement, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(all, fc.dictionary(key, value), (requirements, found) => {
        const labels = { ...found };
        const reading = parseLabelSelector(requirements.map(({ text }) => text).join(', '));
        const expected = requirements.every(({ holds }) => holds(labels));
        expect('fault' in reading ? reading.fault : matches(reading.selector, labels)).toBe(expected);
      }),
    );
  });
});
