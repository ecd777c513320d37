import fc from 'fast-check';

/** Corefiles that CoreDNS's parser takes, in every spelling it allows; none has a block for `clusterset.local`. */
export function corefileText(): fc.Arbitrary<string> {
  return fc
    .record({
      mark: fc.constantFrom('', '', '\uFEFF'),
      entries: fc.array(fc.oneof(serverBlock(), comment(), importLine(), blankLine()), { maxLength: 6 }),
      lineEnd: fc.constantFrom('\n', '\n', '\r\n'),
      last: fc.constantFrom('', '\n', '\n', '\n\n', '\n# the end', '\n   ', '\r'),
    })
    .map(({ mark, entries, lineEnd, last }) =>
      (mark + entries.join('\n') + last).replaceAll(/\r?\n/g, lineEnd),
    );
}

const bare = fc.constantFrom(
  'errors',
  'cache',
  '30',
  '.',
  'log',
  'a\\b',
  "it's",
  '{$HOST}',
  '{%HOST%}',
  'import*',
  'ü',
);
const quoted = fc.constantFrom('""', '"a b"', '"# no comment"', '"\\"{\\" }"', '"two\nlines"', '"c:\\\\"');
const blank = fc.constantFrom(' ', '\t', '  ', ' \t ');
const tail = fc.constantFrom('', '', ' ', '\t', ' # why', ' # {', ' # "');

const key = fc.constantFrom(
  '.',
  '.:53',
  'example.org',
  'dns://example.org:53',
  '10.0.0.0/24',
  'tls://x.example',
  '{$Z}:53',
);

function words(): fc.Arbitrary<string> {
  const behind = fc.tuple(blank, fc.oneof(bare, quoted)).map(pair => pair.join(''));
  return fc.tuple(bare, fc.array(behind, { maxLength: 3 })).map(([first, rest]) => first + rest.join(''));
}

function line(depth: number): fc.Arbitrary<string> {
  const plain = fc.tuple(blank, words(), tail).map(parts => parts.join(''));
  if (depth === 0) return plain;
  const block = fc
    .record({ blank, words: words(), tail, inner: fc.array(line(depth - 1), { maxLength: 3 }) })
    .map(found =>
      [`${found.blank}${found.words} {${found.tail}`, ...found.inner, `${found.blank}}`].join('\n'),
    );
  return fc.oneof({ weight: 3, arbitrary: plain }, block, comment(), blankLine());
}

function serverBlock(): fc.Arbitrary<string> {
  const keys = fc.tuple(
    fc.array(
      fc.tuple(key, fc.constantFrom(', ', ' ', ',\n  ')).map(pair => pair.join('')),
      { maxLength: 2 },
    ),
    key,
  );
  return fc
    .record({
      keys,
      open: fc.constantFrom(' {', '\t{', ' { # here', '\n{'),
      lines: fc.array(line(2), { maxLength: 5 }),
    })
    .map(({ keys: [more, one], open, lines }) => [`${more.join('')}${one}${open}`, ...lines, '}'].join('\n'));
}

function comment(): fc.Arbitrary<string> {
  return fc.constantFrom('# words', '#', '  # { "', '# causeway is here', '#\tclusterset.local:53 {');
}

function importLine(): fc.Arbitrary<string> {
  return fc.constantFrom('import custom/*.server', 'import "a file"', 'import {$FILES}');
}

function blankLine(): fc.Arbitrary<string> {
  return fc.constantFrom('', ' ', '\t');
}
