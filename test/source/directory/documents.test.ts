import { describe, expect, test } from 'vitest';
import { BrokenFile, parseJson, yamlDocuments } from '../../../src/source/directory/documents.ts';

function read(text: string): [line: number, value: unknown][] {
  return [...yamlDocuments(text)].map(({ line, value }) => [line, value]);
}

function faultOf(text: string): [line: number | undefined, reason: string] {
  try {
    read(text);
  } catch (thrown) {
    if (thrown instanceof BrokenFile) return [thrown.line, thrown.message];
    throw thrown;
  }
  throw new Error('was read');
}

describe('YAML documents', () => {
  test('each begins on the line of its content', () => {
    expect(read('# comment\n\na: 1\n---\n# another\nb: 2\n...\n---\nc: 3\n')).toEqual([
      [3, { a: 1 }],
      [6, { b: 2 }],
      [9, { c: 3 }],
    ]);
  });

  test.each([
    ['nothing', ''],
    ['comments', '# nothing\n'],
    ['markers', '---\n---\n# nothing\n---\n'],
  ])('%s: no document', (_what, text) => {
    expect(read(text)).toEqual([]);
  });

  test.each([
    ['JSON with comments and a trailing comma', '{ # yes\n "a": [1,],}', { a: [1] }],
    ['several JSON documents', '{"a": 1}\n---\n{"b": 2}', { a: 1 }],
    [
      'merge keys',
      'base: &base { x: 1 }\nother: { <<: *base, y: 2 }',
      { base: { x: 1 }, other: { x: 1, y: 2 } },
    ],
    ['times stay text', 'at: 2026-01-01T00:00:00Z', { at: '2026-01-01T00:00:00Z' }],
    ['yes and no stay text', 'a: yes\nb: no\nc: true', { a: 'yes', b: 'no', c: true }],
    ['numbers as keys', '80: web', { '80': 'web' }],
    ['a key called __proto__', '__proto__: { polluted: 1 }', JSON.parse('{"__proto__": {"polluted": 1}}')],
    ['Windows line ends', 'a: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
  ])('%s', (_what, text, value) => {
    expect(read(text)[0]).toEqual([1, value]);
  });

  test.each([
    ['a tab', 'a:\n\tb: 1\n', 2, 'Tabs'],
    ['an unclosed bracket', 'a: 1\nb: [1, 2\n', 3, ']'],
    ['an unclosed quote', 'a: 1\nb: "x\n', 3, 'quote'],
    ['an indent that fits nowhere', 'a:\n  b: 1\n c: 2\n', 3, 'column'],
    ['two colons', 'a: 1\nb: : 2\n', 2, 'mappings'],
    ['the same key twice', 'a: 1\nb: 2\na: 3\n', 3, 'unique'],
    ['a key that is a list', '? [a]\n: b\n', 1, 'strings'],
    ['a tag of its own', 'a: 1\nb: !vault secret\n', 2, '!vault'],
    ['an alias of nothing', 'x: 1\n---\na: *nothing\n', 3, 'nothing'],
    ['half a JSON object', '{"a": [\n{"b": 1},\n{"c":', 3, '}'],
    ['a JSON value that is none', '{"a": 1,\n"b" 2}', 2, ':'],
    ['JSON lines', '{"a": 1}\n{"b": 2}\n', 2, 'node end'],
    ['a version that is not YAML', '%YAML 3.0\n---\na: 1\n', 1, 'version'],
  ])('%s is told with its line', (_what, text, line, reason) => {
    expect(faultOf(text)).toEqual([line, expect.stringContaining(reason)]);
  });

  test('what comes before a syntax error is not given away: a file is good as a whole or not at all', () => {
    expect(faultOf('a: 1\n---\nb: [')[0]).toBe(3);
  });

  test('aliases that multiply into a billion are refused', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const below = level === 0 ? '1' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(10).fill(below).join(', ')}]`;
    });
    expect(faultOf(levels.join('\n'))).toEqual([1, expect.stringContaining('alias')]);
  });

  test('nesting without end is refused', () => {
    expect(faultOf('['.repeat(5000))).toEqual([1, 'nested too deep']);
  });
});

describe('JSON', () => {
  test.each([
    ['an object', '{"a": 1}', { a: 1 }],
    ['after blank lines', ' \n\t{"a": 1}\n', { a: 1 }],
    ['a list', '[1]', [1]],
    ['not JSON', '{"a": 1', undefined],
    ['a scalar, which no object is', '"a"', undefined],
    ['YAML', 'a: 1', undefined],
  ])('%s', (_what, text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test('that is large and broken is told by the JSON reader, with a line where that knows it', () => {
    const items = '{"a": 1},\n'.repeat(150_000);
    expect(() => parseJson(`[${items} {"b" 2}]`)).toThrowError(expect.objectContaining({ line: 150_001 }));
    expect(() => parseJson(`[${items}`)).toThrowError(expect.objectContaining({ line: undefined }));
  });
});
