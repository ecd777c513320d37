import { expect, test } from 'vitest';
import { readOptions } from '../e2e/bed/options.ts';

const script = {
  name: 'e2e:up',
  does: 'start clusters',
  options: {
    clusters: { value: 'NUMBER', about: 'how many', default: '3', must: { be: /^[1-9]$/, words: '1 to 9' } },
    folder: { value: 'FOLDER', about: 'where their files are', default: '/bed' },
  },
};

test.each([
  ['', { values: { clusters: '3', folder: '/bed' } }],
  ['--clusters 2 --folder /other', { values: { clusters: '2', folder: '/other' } }],
  ['--clusters 12', { fault: 'e2e:up: --clusters: found "12", must be 1 to 9' }],
  ['--cluster 2', { fault: "e2e:up: Unknown option '--cluster'; --help says which there are" }],
  ['up', { fault: "e2e:up: Unexpected argument 'up'; --help says which there are" }],
  [
    '--clusters 12 --help',
    {
      help:
        'npm run e2e:up [-- OPTIONS]: start clusters\n' +
        '  --clusters NUMBER: how many (3)\n' +
        '  --folder FOLDER: where their files are (/bed)',
    },
  ],
])('the options of a script of the bed: %s', (line, read) => {
  expect(readOptions(script, line.split(' ').filter(Boolean))).toEqual(read);
});
