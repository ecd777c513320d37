import { describe, expect, test } from 'vitest';
import { jsonPieces, type Piece, yamlPieces } from '../../../src/source/directory/pieces.ts';

/** Line and value of every document, piece by piece. */
function contents(pieces: readonly Piece[]): [line: number, value: unknown][][] {
  return pieces.map(piece => [...piece.documents()].map(({ line, value }) => [line, value]));
}

function prints(text: string): number[] {
  return yamlPieces(text).map(({ print }) => print);
}

describe('YAML', () => {
  test.each<[what: string, text: string, expected: [line: number, value: unknown][][]]>([
    ['one document', 'a: 1\n', [[[1, { a: 1 }]]]],
    [
      'several',
      '# first\na: 1\n---\nb: 2\n---\n\n# third\nc: 3',
      [[[2, { a: 1 }]], [[4, { b: 2 }]], [[8, { c: 3 }]]],
    ],
    ['content behind the marker', '--- {a: 1}\n--- # none\n---\tb', [[[1, { a: 1 }]], [], [[3, 'b']]]],
    ['Windows line ends', 'a: 1\r\n---\r\n# c\r\nb: 2\r\n', [[[1, { a: 1 }]], [[4, { b: 2 }]]]],
    ['a marker within a text that is set in', 'a: |\n  x\n  ---\n  y\n', [[[1, { a: 'x\n---\ny\n' }]]]],
    ['what only looks like a marker', 'a: 1\n---b: 2\n', [[[1, { a: 1, '---b': 2 }]]]],
    [
      'documents that end in dots',
      'a: 1\n...\nb: 2\n---\nc: 3',
      [
        [
          [1, { a: 1 }],
          [3, { b: 2 }],
        ],
        [[5, { c: 3 }]],
      ],
    ],
    [
      'directives',
      '%YAML 1.2\n---\na: 1\n---\nb: 2',
      [
        [
          [3, { a: 1 }],
          [5, { b: 2 }],
        ],
      ],
    ],
    ['nothing', '', []],
  ])('%s', (_what, text, expected) => {
    expect(contents(yamlPieces(text))).toEqual(expected);
  });

  test('a piece says on which line its content begins without being parsed', () => {
    const text = '# a\n\na: 1\n---\n# b\n\n  # b\nb: 2\n--- # c\nc: 3\n--- {d: 4}\n---\r\ne: 5\n';
    const pieces = yamlPieces(text);
    expect(pieces.map(({ line }) => line)).toEqual(contents(pieces).map(([first]) => first?.[0]));
  });

  test('a marker within quotes ends the document all the same, as the YAML reader has it', () => {
    expect(() => contents(yamlPieces('a: "x\n---\ny"\n'))).toThrow(/quote/);
  });

  test('a syntax error says the line of the file', () => {
    const pieces = yamlPieces('a: 1\n---\nb: 2\n---\nc: 3\nd: : 4\n---\ne: 5\n');
    expect(() => contents(pieces)).toThrowError(expect.objectContaining({ line: 6 }));
  });

  test('the print of a piece is the same wherever it stands, and another for another text', () => {
    const [one, other] = prints('a: 1\n---\nb: 2\n---\nc: 3\n').slice(1);
    expect(prints('# more\nx: 0\n---\nb: 2\n---\nc: 4\n')[1]).toBe(one);
    expect(one).not.toBe(other);
  });
});

describe('JSON', () => {
  test('the items of a list are pieces', () => {
    const pieces = jsonPieces('{"kind": "List", "items": [\n{"a": 1},\n{"b": 2}]}');
    expect(contents(pieces)).toEqual([[[2, { a: 1 }]], [[3, { b: 2 }]]]);
  });

  test('all else is one piece', () => {
    const pieces = jsonPieces('{"kind": "ServiceList", "items": [{"a": 1}]}');
    expect(contents(pieces)).toEqual([[[1, { kind: 'ServiceList', items: [{ a: 1 }] }]]]);
  });

  test('what is no JSON is a syntax error', () => {
    expect(() => contents(jsonPieces('{"kind": "List", "items": [{"a": tru}]}'))).toThrow(SyntaxError);
  });
});
