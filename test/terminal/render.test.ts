import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { render } from '../../src/terminal/render.ts';
import type { Style } from '../../src/terminal/style.ts';

const value = { clusters: [{ name: 'east', weight: 80 }], findings: [] };
const people = (_: typeof value, style: Style) => style.good('east');
const pipe = { isTerminal: { output: false }, environment: {} };
const terminal = { isTerminal: { output: true }, environment: {} };

test('JSON and YAML say the same', async () => {
  expect(JSON.parse(await render('json', value, people, pipe))).toEqual(value);
  expect(parse(await render('yaml', value, people, pipe))).toEqual(value);
});

describe('colours', () => {
  test.each([
    { where: 'on a terminal', surroundings: terminal, shown: '\u001b[32meast\u001b[0m' },
    { where: 'in a pipe', surroundings: pipe, shown: 'east' },
    { where: 'with NO_COLOR', surroundings: { ...terminal, environment: { NO_COLOR: '1' } }, shown: 'east' },
    {
      where: 'with an empty NO_COLOR',
      surroundings: { ...terminal, environment: { NO_COLOR: '' } },
      shown: '\u001b[32meast\u001b[0m',
    },
    {
      where: 'on a dumb terminal',
      surroundings: { ...terminal, environment: { TERM: 'dumb' } },
      shown: 'east',
    },
  ])('$where', async ({ surroundings, shown }) => {
    expect(await render('table', value, people, surroundings)).toBe(shown);
  });

  test('are never in JSON', async () => {
    expect(await render('json', value, people, terminal)).not.toContain('\u001b');
  });
});
