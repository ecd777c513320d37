import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCalicoSelector } from '../../../src/base/selector/calico.ts';
import { LONGEST_SELECTOR } from '../../../src/base/selector/cursor.ts';
import { matches, type Selector } from '../../../src/base/selector/selector.ts';
import { selects } from './labels.ts';

describe("a selector of Calico's", () => {
  test.each([
    { text: `run == 'my-app'`, yes: ['run=my-app', 'run=my-app x=y'], no: ['run=other', ''] },
    { text: `run == "my-app"`, yes: ['run=my-app'], no: ['run=other'] },
    { text: `run != 'my-app'`, yes: ['run=other', ''], no: ['run=my-app'] },
    { text: `run in {'a', "b"}`, yes: ['run=a', 'run=b'], no: ['run=c', ''] },
    { text: `run in{'a',}`, yes: ['run=a'], no: ['run=', ''] },
    { text: `run in {}`, yes: [], no: ['run=a', ''] },
    { text: `run not in {'a','b'}`, yes: ['run=c', ''], no: ['run=a', 'run=b'] },
    { text: `run notin {'a'}`, yes: ['run=c', ''], no: ['run=a'] },
    { text: 'has(run)', yes: ['run=a', 'run='], no: ['x=y', ''] },
    { text: '!has( run )', yes: ['x=y', ''], no: ['run=a', 'run='] },
    { text: `run contains 'pp'`, yes: ['run=my-app', 'run=pp'], no: ['run=p', ''] },
    { text: `run starts with 'my'`, yes: ['run=my', 'run=my-app'], no: ['run=amy', ''] },
    { text: `run ends  with 'app'`, yes: ['run=my-app'], no: ['run=apps', ''] },
    { text: 'all()', yes: ['run=a', ''], no: [] },
    { text: '!all( )', yes: [], no: ['run=a', ''] },
    { text: `a == 'x' && b == 'y'`, yes: ['a=x b=y'], no: ['a=x', 'b=y', ''] },
    { text: `a == 'x' || b == 'y'`, yes: ['a=x', 'b=y'], no: ['a=y', ''] },
    {
      text: `a == 'x' || b == 'y' && c == 'z'`,
      yes: ['a=x', 'b=y c=z', 'a=x b=n c=n'],
      no: ['b=y', 'c=z'],
    },
    { text: `(a == 'x' || b == 'y') && c == 'z'`, yes: ['a=x c=z', 'b=y c=z'], no: ['a=x', 'c=z'] },
    { text: `!(a == 'x' || has(b))`, yes: ['', 'a=y'], no: ['a=x', 'b=1'] },
    { text: `!!has(a)`, yes: ['a=x'], no: [''] },
    { text: `!a == 'x'`, yes: ['', 'a=y'], no: ['a=x'] },
    { text: `has == 'x' && all != 'y'`, yes: ['has=x'], no: ['has=x all=y', ''] },
    { text: `in in {'in'}`, yes: ['in=in'], no: ['in=x'] },
    { text: `app.kubernetes.io/name == 'a'`, yes: ['app.kubernetes.io/name=a'], no: ['name=a'] },
    { text: `run == "it's"`, yes: [`run=it's`], no: ['run=its'] },
    { text: `run == ' a'`, yes: [], no: ['run=a'] },
    { text: `\thas(a)&&\n!has(b) `, yes: ['a=1'], no: ['a=1 b=1'] },
    { text: 'has(constructor)', yes: ['constructor=x'], no: [''] },
  ])('$text', ({ text, yes, no }) => {
    expect([...yes, ...no].filter(labels => selects(parseCalicoSelector(text), labels))).toEqual(yes);
  });

  test('white space within quotes is part of the value', () => {
    const reading = parseCalicoSelector(`run == ' a '`);
    expect('selector' in reading && reading.selector).toEqual({ kind: 'in', key: 'run', values: [' a '] });
  });
});

describe('what is none says where, what was found and what was expected', () => {
  const operator = '"==", "!=", "in", "not in", "contains", "starts with" or "ends with"';
  test.each([
    {
      text: '',
      fault: 'at character 1 found its end: expected the key of a label, has(…), all(), "!" or "("',
    },
    { text: 'run', fault: `at character 4 found its end: expected ${operator}` },
    { text: `run = 'a'`, fault: `at character 5 found "= 'a'": expected ${operator}` },
    { text: `run is 'a'`, fault: `at character 5 found "is 'a'": expected ${operator}` },
    { text: 'run == a', fault: 'at character 8 found "a": expected a value in quotes' },
    { text: `run == 'a`, fault: `at character 10 found its end: expected a closing '` },
    { text: `run == 'a' &`, fault: 'at character 12 found "&": expected its end or another condition' },
    { text: `run == 'a' && `, fault: 'at character 15 found its end: expected the key of a label' },
    { text: `run in ('a')`, fault: `at character 8 found "('a')": expected "{"` },
    { text: `run in {'a'`, fault: 'at character 12 found its end: expected "," or "}"' },
    { text: `run in {'a' 'b'}`, fault: `at character 13 found "'b'}": expected "," or "}"` },
    { text: `run in {,}`, fault: 'at character 9 found ",}": expected a value in quotes or "}"' },
    { text: `run not {'a'}`, fault: `at character 9 found "{'a'}": expected "in"` },
    { text: `run starts 'a'`, fault: `at character 12 found "'a'": expected "with"` },
    { text: '(has(a)', fault: 'at character 8 found its end: expected ")", "&&" or "||"' },
    { text: 'has(a))', fault: 'at character 7 found ")": expected its end or another condition' },
    { text: 'has()', fault: 'at character 5 found ")": expected the key of a label' },
    { text: 'all', fault: `at character 4 found its end: expected ${operator}` },
    { text: 'global()', fault: `at character 7 found "()": expected ${operator}` },
    { text: `${'('.repeat(33)}all()${')'.repeat(33)}`, fault: 'at most 32 levels of parentheses' },
    { text: `${' '.repeat(LONGEST_SELECTOR)}x`, fault: 'has 4097 characters: 4096 is the most' },
  ])('$text', ({ text, fault }) => {
    expect(parseCalicoSelector(text)).toEqual({ fault: expect.stringContaining(fault) });
  });

  test('as deep and as long as it may be, it is read', () => {
    const deep = parseCalicoSelector(`${'('.repeat(32)}all()${')'.repeat(32)}`);
    expect(deep).toEqual({ selector: { kind: 'all' } });
    const bangs = parseCalicoSelector(`${'!'.repeat(LONGEST_SELECTOR - 5)}all()`);
    expect(bangs).toEqual({ selector: { kind: 'not', of: { kind: 'all' } } });
  });
});

const keys = ['a', 'in', 'has', 'x.y/z'];
const values = ['', 'a', 'ab', 'it"s'];
const key = fc.constantFrom(...keys);
const value = fc.constantFrom(...values);
const { selector } = fc.letrec<{ selector: Selector }>(tie => {
  const leaf = fc.oneof(
    fc.constant<Selector>({ kind: 'all' }),
    key.map<Selector>(key => ({ kind: 'has', key })),
    fc.tuple(key, fc.array(value)).map<Selector>(([key, values]) => ({ kind: 'in', key, values })),
    fc
      .tuple(fc.constantFrom('contains', 'starts with', 'ends with'), key, value)
      .map<Selector>(([kind, key, value]) => ({ kind, key, value })),
  );
  const several = fc.array(tie('selector'), { minLength: 2, maxLength: 3 });
  return {
    selector: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      tie('selector').map<Selector>(of => ({ kind: 'not', of })),
      fc.tuple(fc.constantFrom('and', 'or'), several).map<Selector>(([kind, of]) => ({ kind, of })),
    ),
  };
});

function quoted(value: string): string {
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}

function print(selector: Selector): string {
  switch (selector.kind) {
    case 'all':
      return 'all()';
    case 'has':
      return `has(${selector.key})`;
    case 'in':
      return `${selector.key} in {${selector.values.map(quoted).join(', ')}}`;
    case 'not':
      return `!${print(selector.of)}`;
    case 'and':
      return `(${selector.of.map(print).join(' && ')})`;
    case 'or':
      return `(${selector.of.map(print).join(' || ')})`;
    default:
      return `${selector.key} ${selector.kind} ${quoted(selector.value)}`;
  }
}

describe('for all texts', () => {
  test('what a selector is printed as selects the same', () => {
    fc.assert(
      fc.property(selector, fc.dictionary(key, value), (selector, found) => {
        const labels = { ...found };
        const reading = parseCalicoSelector(print(selector));
        expect('fault' in reading ? reading.fault : matches(reading.selector, labels)).toBe(
          matches(selector, labels),
        );
      }),
    );
  });

  test('whatever it is given, it returns a selector or a fault', () => {
    const pieces = [
      'a',
      "'b'",
      '"',
      ' == ',
      '!',
      '=',
      ' in ',
      '{',
      '}',
      ',',
      '(',
      ')',
      '&&',
      '||',
      'has(',
      'all()',
    ];
    const almost = fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map(parts => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), almost), text => {
        const reading = parseCalicoSelector(text);
        expect('fault' in reading ? reading.fault : reading.selector).toBeDefined();
      }),
    );
  });
});
