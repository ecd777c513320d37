import { describe, expect, test } from 'vitest';
import { acceptances } from '../../../src/controller/nodes/acceptance.ts';
import type { NodeObject } from '../../../src/objects/node.ts';
import { guardedBy } from '../../../src/routes/inputs.ts';

const own: NodeObject = { kind: 'Node', name: 'own', podCIDRs: ['10.9.0.0/24'], addresses: ['192.0.2.9'] };
const guarded = guardedBy([own], ['10.96.0.0/16'], []);

/** `CLUSTER/NODE UID ADDRESS PODS`, one to a line. */
function nodesOf(text: string): Map<string, NodeObject> {
  const lines = text.split('\n').map(line => line.trim().split(' '));
  return new Map(
    lines.map(([id = '', uid = '', address = '', pods = '']) => {
      const [cluster = '', name = ''] = id.split('/');
      const addresses = address === '-' ? [] : [address];
      const node: NodeObject = {
        kind: 'RemoteNode',
        name,
        cluster,
        uid,
        addresses,
        podCIDRs: pods.split(','),
      };
      return [`${cluster}.${name}`, node];
    }),
  );
}

function verdicts(text: string): string[] {
  return [...acceptances(nodesOf(text), 'west', guarded)].map(
    ([name, { status, reason }]) => `${name} ${status} ${reason}`,
  );
}

describe('which RemoteNodes are accepted', () => {
  test.each([
    ['as it should be', 'east/a u1 192.0.2.1 10.1.0.0/24', 'east.a True Accepted'],
    ['everything', 'east/a u1 192.0.2.1 0.0.0.0/0', 'east.a False Invalid'],
    ['loopback', 'east/a u1 192.0.2.1 127.0.0.0/8', 'east.a False Invalid'],
    ['no address', 'east/a u1 - 10.1.0.0/24', 'east.a False Invalid'],
    ["this cluster's pods", 'east/a u1 192.0.2.1 10.9.0.0/25', 'east.a False Guarded'],
    ["this cluster's Services", 'east/a u1 192.0.2.1 10.96.8.0/24', 'east.a False Guarded'],
    ["this cluster's nodes", 'east/a u1 192.0.2.1 192.0.2.0/28', 'east.a False Guarded'],
    ['at the address of a Service', 'east/a u1 10.96.0.1 10.1.0.0/24', 'east.a False Guarded'],
    ['a node of this very cluster', 'west/a u1 192.0.2.1 10.1.0.0/24', 'west.a False Invalid'],
    ['one block of two', 'east/a u1 192.0.2.1 10.1.0.0/24,10.96.0.0/24', 'east.a False Guarded'],
  ])('%s', (_, line, verdict) => {
    expect(verdicts(line)).toEqual([verdict]);
  });

  const two = 'north/b u1 192.0.2.2 10.1.0.0/24\neast/a u9 192.0.2.1 10.1.0.0/25';

  test('of two that claim the same the one whose cluster and uid come first is, in whatever order they come', () => {
    const expected = ['east.a True Accepted', 'north.b False Conflict'];
    expect(verdicts(two).sort()).toEqual(expected);
    expect(verdicts(two.split('\n').reverse().join('\n')).sort()).toEqual(expected);
  });

  test('the message says with whom', () => {
    expect(acceptances(nodesOf(two), 'west', guarded).get('north.b')?.message).toBe(
      '10.1.0.0/24 overlaps 10.1.0.0/25, node a of east; it is not routed',
    );
  });

  test('hundreds of faults of one node make no endless message', () => {
    const pods = Array.from({ length: 16 }, (_, n) => `10.96.${n}.0/24`).join(',');
    const [found] = acceptances(nodesOf(`east/a u1 192.0.2.1 ${pods}`), 'west', guarded).values();
    expect(found?.message.split('; and more')).toHaveLength(2);
    expect(found?.message.length).toBeLessThan(1_000);
  });
});
