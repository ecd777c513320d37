import { describe, expect, test } from 'vitest';
import { dataPath } from '../../src/diagnose/data-path.ts';
import type { ClusterObjects } from '../../src/diagnose/facts.ts';
import { clusterOf, factsOf, remoteCluster, remoteOf, said } from '../kit/diagnose-facts.ts';
import { objects } from '../kit/diagnose-running.ts';

const KEY = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';

/** `NAME SAYS MTU KEY`, one to a line: what each node of east says of the way to west; `-` nothing. */
function nodesOf(text: string) {
  const documents = text.split('\n').map(line => {
    const [name = '', says = '-', mtu = '-', key = '-'] = line.trim().split(' ');
    const annotations = {
      ...(says === '-' ? {} : { 'causeway.dev/data-path': JSON.stringify({ west: says }) }),
      ...(mtu === '-' ? {} : { 'causeway.dev/underlay-mtu': mtu }),
      ...(key === '-' ? {} : { 'causeway.dev/wireguard-public-key': KEY }),
    };
    return JSON.stringify({ metadata: { name, annotations } });
  });
  return objects(documents.join('\n---\n'));
}

/** `NAME REASON MTU KEY`: the RemoteNodes of west; `Accepted` is no reason against it. */
function remoteNodesOf(text: string) {
  const documents = text.split('\n').map(line => {
    const [name = '', reason = '-', mtu = '-', key = '-'] = line.trim().split(' ');
    const spec = {
      cluster: 'west',
      nodeName: name,
      ...(mtu === '-' ? {} : { mtu: Number(mtu) }),
      ...(key === '-' ? {} : { wireguardPublicKey: KEY }),
    };
    const status = reason === 'Accepted' ? 'True' : 'False';
    const accepted = { type: 'Accepted', status, reason, message: 'because', lastTransitionTime: '' };
    return JSON.stringify({ metadata: { name: `west.${name}` }, spec, status: { conditions: [accepted] } });
  });
  return objects(documents.join('\n---\n'));
}

function agents(desired: number, ready: number) {
  const status = { desiredNumberScheduled: desired, numberReady: ready };
  return objects(JSON.stringify({ metadata: { name: 'causeway-agent' }, status }));
}

const WELL: Partial<ClusterObjects> = {
  nodes: nodesOf('n1 up 1500\nn2 up 1500'),
  remoteNodes: remoteNodesOf('w1 Accepted 1500\nw2 Accepted 1500'),
  daemonSets: agents(2, 2),
};

/** @param spec put over that of the RemoteCluster west */
function found(change: Partial<ClusterObjects>, spec: object = {}): string[] {
  const raw = Object(remoteCluster('west'));
  const object = { ...raw, spec: { ...raw.spec, ...spec } };
  const remotes = { value: [{ ...remoteOf(), object }] };
  return said(dataPath, factsOf(clusterOf({ remotes, objects: { ...WELL, ...change } })));
}

test('all is well', () => {
  expect(found({})).toEqual([
    '✓ path.agent east: 2 of 2 are ready',
    '✓ path.nodes east: 2 nodes of other clusters, all accepted',
    '✓ path.reports east → west: 2 nodes say it',
    '✓ path.tunnel east → west: packets get through from 2 nodes',
    '✓ path.mtu east → west: both take 1500 octets',
    '✓ path.encryption east → west: encryption is Off: no node has to have a key',
  ]);
});

test('without a routing agent nobody looks, and nothing is green', () => {
  const lines = found({ nodes: nodesOf('n1\nn2'), remoteNodes: { value: [] }, daemonSets: { value: [] } });
  expect(lines.map(line => line.split(':')[0])).toEqual([
    '? path.agent east',
    '? path.nodes east',
    '? path.reports east → west',
    '? path.tunnel east → west',
    '? path.mtu east → west',
    '✓ path.encryption east → west',
  ]);
});

test('without a node of another cluster it is said what keeps them away', () => {
  const none = { remoteNodes: { value: [] } };
  const unconnected = clusterOf({ remotes: { value: [] }, objects: none });
  expect(said(dataPath, factsOf(unconnected))).toContain('? path.nodes east: there are no RemoteClusters');
  expect(found(none, { overlayRoutingMode: 'Disabled' })).toContain(
    '? path.nodes east: no RemoteCluster is routed to',
  );
  expect(found(none)).toContain(
    '? path.nodes east: the controller has accepted no node of another cluster yet: see condition NodesSynced of the RemoteClusters',
  );
});

test('of a cluster that nobody routes to nothing is asked', () => {
  expect(found({}, { overlayRoutingMode: 'Disabled' }).filter(line => line.includes('→'))).toEqual([]);
});

describe('what is wrong', () => {
  test.each<[string, Partial<ClusterObjects>, string]>([
    [
      'an agent is not ready',
      { daemonSets: agents(2, 1) },
      '✗ path.agent east: 1 of 2 routing agents are ready',
    ],
    [
      'agents shall not run everywhere',
      { daemonSets: agents(1, 1) },
      '⚠ path.agent east: routing agents are to run on 1 of 2 nodes',
    ],
    [
      'a node says nothing',
      { nodes: nodesOf('n1 up 1500\nn2 - 1500') },
      '⚠ path.reports east → west: 1 node say nothing of the way to west: n2',
    ],
    [
      'a node gets nothing through',
      { nodes: nodesOf('n1 up 1500\nn2 down 1500') },
      '✗ path.tunnel east → west: 1 node of 2 get no packets through to west: n2',
    ],
    [
      'nodes claim what is not theirs',
      { remoteNodes: remoteNodesOf('w1 Guarded 1500\nw2 Guarded 1500') },
      '✗ path.nodes east: no routes to 2 nodes, west/w1, west/w2: because',
    ],
    [
      'nodes claim the same',
      { remoteNodes: remoteNodesOf('w1 Conflict 1500\nw2 Accepted 1500') },
      '✗ path.nodes east: no routes to 1 node, west/w1: because',
    ],
    [
      'a node is given a reason that is newer than this program',
      { remoteNodes: remoteNodesOf('w1 Haunted 1500\nw2 Accepted 1500') },
      '✗ path.nodes east: no routes to 1 node, west/w1: because',
    ],
    [
      'the networks differ',
      { remoteNodes: remoteNodesOf('w1 Accepted 1400\nw2 Accepted 1500') },
      '⚠ path.mtu east → west: the network here takes 1500 octets, that of west 1400',
    ],
  ])('%s', (_, change, line) => {
    expect(found(change).filter(each => !each.startsWith('✓'))).toEqual([line]);
  });
});

describe('encryption that is required', () => {
  const required = { encryption: 'Required' };

  test('wants a key on every node, here and there', () => {
    const nodes = nodesOf('n1 up 1500 key\nn2 up 1500');
    const remoteNodes = remoteNodesOf('w1 Accepted 1500\nw2 Accepted 1500 key');
    expect(found({ nodes, remoteNodes }, required).at(-1)).toBe(
      '✗ path.encryption east → west: 2 nodes have no WireGuard key, and encryption with west is required: n2, west/w1',
    );
  });

  test('is well with one on each', () => {
    const nodes = nodesOf('n1 up 1500 key');
    const remoteNodes = remoteNodesOf('w1 Accepted 1500 key');
    expect(found({ nodes, remoteNodes, daemonSets: agents(1, 1) }, required).at(-1)).toBe(
      '✓ path.encryption east → west: 2 nodes have keys',
    );
  });
});
