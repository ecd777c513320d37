import { expect, test } from 'vitest';
import { readOptions } from '../../../bench/dns/options.ts';
import { findProgram } from '../../../bench/dns/programs.ts';

test('a missing program is named with what to install', () => {
  expect(() => findProgram('no-such-dns-server', 'apt-get install dns-server')).toThrow(
    'no-such-dns-server is not installed: apt-get install dns-server',
  );
});

test.each([
  ['no rounds', ['--rounds', '0'], '--rounds 0: must be a whole number'],
  ['an unknown server', ['--server', 'BIND'], '--server BIND: there is causeway'],
  ['a partial table in the docs', ['--server', 'NSD', '--write'], '--write: the table'],
  ['an unknown flag', ['--fast'], '--fast'],
])('%s is refused', (_, args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
