import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { PublishedNodes } from '../../../src/controller/nodes/published-nodes.ts';
import type { RawObject } from '../../../src/kube/client.ts';
import { MOST_NODES } from '../../../src/routes/validate.ts';

let nodes: PublishedNodes;
let touched: string[];

beforeEach(() => {
  touched = [];
  nodes = new PublishedNodes({
    readBy: 'east',
    cluster: 'east',
    sha256: text => createHash('sha256').update(text).digest(),
    touched: name => touched.push(name),
    heard: () => {},
  });
});

function raw(name: string, spec: object = {}): RawObject {
  return { metadata: { name }, spec };
}

/** Nodes of these names come by a watch. */
function come(...names: string[]): void {
  for (const name of names) {
    const read = nodes.read(raw(name));
    if (read !== undefined) nodes.put(read);
  }
}

/** A whole list of just these is in. */
function list(...names: string[]): void {
  come(...names);
  nodes.listed({ version: '1', has: (_, name) => names.includes(name) });
}

const held = (): string[] => [...nodes.desired.keys()];
const named = (count: number, prefix = 'n'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe('what the cluster has', () => {
  test('is not known in full before the first list', () => {
    come('a');
    expect([nodes.whole, nodes.finding.reason]).toEqual([false, 'Syncing']);
    list('a');
    expect([nodes.whole, nodes.finding.reason]).toEqual([true, 'Synced']);
  });

  test('outlives the connection; the next list says what is gone', () => {
    list('a', 'b');
    nodes.restart();
    expect(held()).toEqual(['east.a', 'east.b']);
    list('b');
    expect(held()).toEqual(['east.b']);
    expect(touched.at(-1)).toBe('east.a');
  });

  test('is out of date while the server is away, and kept', () => {
    list('a');
    nodes.stale(new Error('no answer'));
    expect([nodes.finding.reason, held()]).toEqual(['Unreached', ['east.a']]);
    nodes.fresh();
    expect(nodes.finding.reason).toBe('Synced');
  });
});

test('a Node that nobody can read has no RemoteNode, and it is told until it is mended or gone', () => {
  list('a');
  const read = nodes.read({ metadata: { name: 'a' }, spec: { podCIDRs: 7 } });
  if (read !== undefined) nodes.put(read);
  expect([nodes.finding.reason, held(), nodes.leftOut]).toEqual(['LeftOut', [], 1]);
  expect(nodes.finding.found).toContain('a (spec.podCIDRs: found 7');
  list();
  expect([nodes.finding.reason, nodes.leftOut]).toEqual(['Synced', 0]);
});

describe('a cluster with nodes without end', () => {
  test('gets so many in, it is told, and news of those come in as before', () => {
    list(...named(MOST_NODES + 3));
    expect([nodes.size, nodes.finding.reason]).toEqual([MOST_NODES, 'TooMany']);
    touched.length = 0;
    const read = nodes.read(raw('n7', { podCIDRs: ['10.1.0.0/24'] }));
    if (read !== undefined) nodes.put(read);
    expect(touched).toEqual(['east.n7']);
  });

  test('with the next list those get in that have a place by then', () => {
    list(...named(MOST_NODES + 1));
    nodes.drop('n0');
    list(...named(MOST_NODES + 1).slice(1));
    expect([nodes.size, nodes.finding.reason]).toEqual([MOST_NODES, 'Synced']);
  });

  test('of which all are others after a break gets those in', () => {
    list(...named(MOST_NODES));
    nodes.restart();
    list(...named(MOST_NODES, 'other'));
    expect([nodes.size, nodes.finding.reason]).toEqual([MOST_NODES, 'Synced']);
    expect(held()[0]).toBe('east.other0');
  });
});
