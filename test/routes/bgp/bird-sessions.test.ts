import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSessions } from '../../../src/routes/bgp/bird-sessions.ts';

/** As BIRD 2.0.12 printed it: a session that is up, two that are not, and one whose neighbor has just died. */
const PRINTED = readFileSync(join(import.meta.dirname, 'protocols.txt'), 'utf8');

test('what birdc prints of the sessions', () => {
  expect(readSessions(PRINTED)).toEqual([
    {
      name: 'router_172_31_1_254',
      kind: 'router',
      neighbor: '172.31.1.254',
      state: 'Established',
      learnt: 1,
      restarting: false,
    },
    {
      name: 'router_172_31_1_253',
      kind: 'router',
      neighbor: '172.31.1.253',
      state: 'Active',
      learnt: 0,
      restarting: false,
      problem: 'Socket: No route to host',
    },
    {
      name: 'node_172_31_1_12',
      kind: 'node',
      neighbor: '172.31.1.12',
      state: 'Connect',
      learnt: 0,
      restarting: false,
      problem: 'Socket: No route to host',
    },
    {
      name: 'router_1',
      kind: 'router',
      neighbor: '172.31.2.11',
      state: 'Active',
      learnt: 1,
      restarting: true,
      problem: 'Socket: Connection closed',
    },
  ]);
});

test('a problem is cut where it is long', () => {
  const long = PRINTED.replaceAll('Socket: No route to host', `Received: ${'x'.repeat(9_000)}`);
  expect(readSessions(long).map(({ problem }) => problem?.length)).toEqual([undefined, 200, 200, 25]);
});

test.each([
  '',
  'BIRD 2.0.12 ready.\n',
  'router_1 BGP --- up\n',
  '\n\n',
  'router_1   BGP\n  BGP state: Nonsense\n',
])('no sessions in %j', printed => {
  expect(readSessions(printed)).toEqual([]);
});
