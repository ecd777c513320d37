import { describe, expect, test } from 'vitest';
import type { Corefile, Directive, Word } from '../../src/corefile/model.ts';
import { readCorefile } from '../../src/corefile/read.ts';
import { samples } from '../kit/corefiles.ts';

/** One line per node: its line in the text, what it is, its words each between ‹ and ›. */
function outline({ entries }: Corefile): string[] {
  return entries.flatMap(entry => {
    if (entry.kind === 'import') return `${entry.line} import ${words([entry.pattern])}`;
    const head = entry.kind === 'snippet' ? `snippet ‹${entry.name}›` : `server ${words(entry.keys)}`;
    return [`${entry.line} ${head}`, ...lines(entry.directives, '  ')];
  });
}

function lines(directives: readonly Directive[], indent: string): string[] {
  return directives.flatMap(({ line, name, words: more, inner }) => [
    `${indent}${line} ${words([name, ...more])}${inner === undefined ? '' : ' {}'}`,
    ...lines(inner ?? [], `${indent}  `),
  ]);
}

const words = (found: readonly Word[]): string => found.map(({ text }) => `‹${text}›`).join(' ');

describe('reads', () => {
  test.each([
    { what: 'nothing', text: '', expected: [] },
    { what: 'a comment', text: '# .:53 { "', expected: [] },
    {
      what: 'zones with scheme and port, and ranges',
      text: 'dns://cluster.local:53 10.0.0.0/24 {\n}',
      expected: ['1 server ‹dns://cluster.local:53› ‹10.0.0.0/24›'],
    },
    {
      what: 'zones with commas, over several lines',
      text: 'a.example,\n  b.example, c.example\n{\n  errors\n}',
      expected: ['1 server ‹a.example› ‹b.example› ‹c.example›', '  4 ‹errors›'],
    },
    {
      what: 'blocks in a plugin',
      text: '.:53 {\n  health {\n    lameduck 5s\n  }\n  ready\n}',
      expected: ['1 server ‹.:53›', '  2 ‹health› {}', '    3 ‹lameduck› ‹5s›', '  5 ‹ready›'],
    },
    {
      what: 'a block that is empty, and one that begins on the line of its brace',
      text: '. { errors\n  health { }\n}',
      expected: ['1 server ‹.›', '  1 ‹errors›', '  2 ‹health› {}'],
    },
    {
      what: 'snippets and imports',
      text: '(common) {\n  errors\n}\nimport custom/*.server\n. {\n  import common\n}',
      expected: [
        '1 snippet ‹common›',
        '  2 ‹errors›',
        '4 import ‹custom/*.server›',
        '5 server ‹.›',
        '  6 ‹import› ‹common›',
      ],
    },
    {
      what: 'quotes: blanks, hashes, braces, escaped quotes, backslashes, empty words',
      text: '. {\n  log "a b" "# c" "{d}" "\\"e\\"" "f\\\\g" ""\n}',
      expected: ['1 server ‹.›', '  2 ‹log› ‹a b› ‹# c› ‹{d}› ‹"e"› ‹f\\\\g› ‹›'],
    },
    {
      what: 'a line end inside quotes, which continues the line',
      text: '. {\n  log "a\nb" c\n  errors\n}',
      expected: ['1 server ‹.›', '  2 ‹log› ‹a\nb› ‹c›', '  4 ‹errors›'],
    },
    {
      what: 'no continuation by a backslash: CoreDNS knows none',
      text: '. {\n  log \\\n  errors\n}',
      expected: ['1 server ‹.›', '  2 ‹log› ‹\\›', '  3 ‹errors›'],
    },
    {
      what: 'environment variables as they are written',
      text: '.:{$PORT} {\n  forward . {%UP%}\n}',
      expected: ['1 server ‹.:{$PORT}›', '  2 ‹forward› ‹.› ‹{%UP%}›'],
    },
    {
      what: 'CRLF, a byte order mark, tabs, a no-break space',
      text: '\uFEFF. {\r\n\terrors\u00a0\r\n}\r\n',
      expected: ['1 server ‹.›', '  2 ‹errors›'],
    },
    {
      what: 'a comment that sticks to a word: CoreDNS ends it at the first blank',
      text: '. {\n  log# all of it\n}',
      expected: ['1 server ‹.›', '  2 ‹log› ‹all› ‹of› ‹it›'],
    },
    {
      what: 'a block without braces, which takes all that follows',
      text: '.:53\nerrors\nlog\n',
      expected: ['1 server ‹.:53›', '  2 ‹errors›', '  3 ‹log›'],
    },
  ])('$what', ({ text, expected }) => {
    expect(outline(readCorefile(text))).toEqual(expected);
  });

  test.each(samples)('$name', ({ text }) => {
    const read = readCorefile(text);
    expect(read.entries.length).toBeGreaterThan(0);
    for (const { start, line } of read.entries) {
      expect(text.slice(0, start).split('\n')).toHaveLength(line);
    }
  });
});

describe('refuses, with the line, what was found and what to do', () => {
  test.each([
    {
      text: '. {\n  errors\n',
      message: 'Corefile:1: found a { that is never closed; close it with } on a line of its own',
    },
    {
      text: '. {\n  health {\n  }\n',
      message: 'Corefile:1: found a { that is never closed; close it with } on a line of its own',
    },
    {
      text: '. {\n}\n}\n',
      message: 'Corefile:3: found a } that closes nothing; remove it, or add the { that it closes',
    },
    {
      text: '. {\n  log "x\n}\n',
      message: 'Corefile:2: found "\\"x\\n}\\n", a quote that never ends; close it with "',
    },
    { text: '.:53{\n}\n', message: 'Corefile:1: found ".:53{"; put a blank before the {' },
    { text: '. {\n  health{\n}\n', message: 'Corefile:2: found "health{"; put a blank before the {' },
    {
      text: '. {\n  health\n  {\n  }\n}\n',
      message:
        'Corefile:3: found a { without a word before it; put it at the end of the line that it belongs to',
    },
    {
      text: '. { errors }\n',
      message: 'Corefile:1: found a } behind other words; put it on a line of its own',
    },
    {
      text: '. {\n  a {\n  } b\n}\n',
      message: 'Corefile:3: found "b" behind a }; put it on a line of its own',
    },
    {
      text: '{\n  errors\n}\n',
      message: 'Corefile:1: found a block without a zone; write its zone before the {',
    },
    { text: 'a, {\n}\n', message: 'Corefile:1: found no zone after a comma; name one, or remove the comma' },
    {
      text: 'a , b {\n}\n',
      message: 'Corefile:1: found a comma without a zone before it; name one, or remove the comma',
    },
    {
      text: '(a)\n',
      message: 'Corefile:1: found the snippet "(a)" without a block; open one with { behind it',
    },
    { text: '(a) {\n}\n(a) {\n}\n', message: 'Corefile:3: found a second snippet (a); give it another name' },
    {
      text: 'import a b\n',
      message: 'Corefile:1: found import of 2 patterns; import exactly one, without a block',
    },
    {
      text: '. {\n  import\n}\n',
      message: 'Corefile:2: found import of 0 patterns; import exactly one, without a block',
    },
  ])('$text', ({ text, message }) => {
    expect(() => readCorefile(text)).toThrow(expect.objectContaining({ code: 'COREFILE_INVALID', message }));
  });

  test('blocks inside each other without an end', () => {
    expect(() => readCorefile('a {\n'.repeat(100_000))).toThrow(/^Corefile:51: found more than 50 blocks/);
  });
});
