import { expect, test } from 'vitest';
import { parseSource } from '../../src/source/source-text.ts';

test.each([
  ['directory:mesh', { scheme: 'directory', path: 'mesh' }],
  ['directory:/etc/mesh:2', { scheme: 'directory', path: '/etc/mesh:2' }],
  ['kubernetes', { scheme: 'kubernetes' }],
])('%j names a source', (text, address) => {
  expect(parseSource(text)).toEqual(address);
});

test.each([
  'mesh',
  'directory',
  'directory:',
  'Directory:mesh',
  'toString:mesh',
  'ftp:mesh',
  'kubernetes:',
  'kubernetes:x',
  '',
])('%j names none', text => {
  expect(parseSource(text)).toBeUndefined();
});
