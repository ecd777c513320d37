import { expect, test } from 'vitest';
import {
  firstWords,
  type Grammar,
  operandWords,
  secondWords,
  spellings,
} from '../../src/completion/grammar.ts';
import { SHELLS } from '../../src/completion/index.ts';

const grammar: Grammar = {
  program: 'causeway',
  groups: { get: "list what there is: it's all here" },
  commands: [
    {
      words: ['get', 'clusters'],
      summary: 'list clusters',
      flags: [
        { long: '--output', short: '-o', help: 'the format', value: { kind: 'words', words: ['json'] } },
        { long: '--verbose', help: 'more', value: { kind: 'nothing' } },
      ],
      operands: [],
    },
    { words: ['get', 'nodes'], summary: 'list nodes', flags: [], operands: [] },
    {
      words: ['completion'],
      summary: 'print a script',
      flags: [],
      operands: [{ kind: 'words', words: ['bash', 'zsh'] }, { kind: 'anything' }],
    },
  ],
};

test('each first word is named once, a group by what its commands have in common', () => {
  expect(firstWords(grammar)).toEqual([
    { word: 'get', help: "list what there is: it's all here" },
    { word: 'completion', help: 'print a script' },
  ]);
});

test('second words are those of their group', () => {
  expect(secondWords(grammar)).toEqual([
    {
      first: 'get',
      choices: [
        { word: 'clusters', help: 'list clusters' },
        { word: 'nodes', help: 'list nodes' },
      ],
    },
  ]);
});

test('flags have one spelling or two, operands the words that are known', () => {
  expect(grammar.commands[0]?.flags.flatMap(spellings)).toEqual(['--output', '-o', '--verbose']);
  expect(grammar.commands.map(operandWords)).toEqual([[], [], ['bash', 'zsh']]);
});

test.each(Object.entries(SHELLS))('%s: every command and every flag is in the script', (_, script) => {
  const text = script(grammar);
  for (const word of ['clusters', 'nodes', 'completion', 'output', 'verbose', 'json'])
    expect(text).toContain(word);
});
