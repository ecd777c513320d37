import { describe, expect, test } from 'vitest';
import { cidrs } from '../../src/diagnose/cidrs.ts';
import type { ClusterFacts } from '../../src/diagnose/facts.ts';
import { nodes, seenClusters } from '../../src/diagnose/nodes.ts';
import {
  clusterOf,
  complaints,
  factsOf,
  nodesOf,
  propertiesOf,
  remoteOf,
  said,
  westOf,
} from '../kit/diagnose-facts.ts';
import { objects } from '../kit/diagnose-running.ts';

test('clusters that have nothing in common; a remote that is also a context is looked at once', () => {
  expect(said(cidrs, factsOf(clusterOf(), westOf()))).toEqual([
    '✓ cidr.within east: 10.110.0.0/16, 10.10.0.0/24: no two overlap',
    '✓ cidr.within west: 10.120.0.0/16, 10.20.0.0/24: no two overlap',
    '✓ cidr.across east and west: no range that is known overlaps',
    '✓ cidr.nodes east and west: no node has an address that is a pod or Service of the other',
  ]);
  expect(said(nodes, factsOf(clusterOf(), westOf()))).toEqual([
    '✓ node.names east: 1 node, none with the name of another',
    '✓ node.names west: 1 node, none with the name of another',
  ]);
});

test('a remote, whose Services cannot be seen', () => {
  expect(said(cidrs, factsOf())).toEqual([
    '✓ cidr.within east: 10.110.0.0/16, 10.10.0.0/24: no two overlap',
    '✓ cidr.within east → west: 10.20.0.0/24: no two overlap',
    '✓ cidr.across east and east → west: no range that is known overlaps',
    '✓ cidr.nodes east and east → west: no node has an address that is a pod or Service of the other',
  ]);
});

const node = (name: string, podCidr: string, address: string) =>
  `{metadata: {name: ${name}}, spec: {podCIDR: ${podCidr}}, status: {addresses: [{type: InternalIP, address: ${address}}]}}`;
/** ClusterProperties as `causeway enable` writes them. */
const recorded = (id: string, pods: string, serviceRange: string) =>
  objects(
    [
      ['cluster.clusterset.k8s.io', id],
      ['pod-cidrs.causeway.dev', pods],
      ['service-cidrs.causeway.dev', serviceRange],
    ]
      .map(([name, value]) => `{metadata: {name: ${name}}, spec: {value: ${value}}}`)
      .join('\n---\n'),
  );
const services = (...blocks: string[]) => objects(`{spec: {cidrs: [${blocks.join(', ')}]}}`);
const west = (nodeYaml: string, serviceCidrs = services('10.120.0.0/16')) =>
  westOf({ objects: { nodes: objects(nodeYaml), serviceCidrs } });

const CASES: { case: string; clusters: ClusterFacts[]; lines: string[] }[] = [
  {
    case: 'pods within the Services of one cluster',
    clusters: [
      clusterOf({
        remotes: { value: [] },
        objects: { serviceCidrs: services('10.0.0.0/8', 'fd00:10::/112') },
      }),
    ],
    lines: [
      '✗ cidr.within east: within the cluster, the Services (10.0.0.0/8) overlap the pods of node-1 (10.10.0.0/24)',
    ],
  },
  {
    case: 'the same pods in both, one block larger than the other',
    clusters: [clusterOf(), west(node('w', '10.8.0.0/13', '192.168.2.1'))],
    lines: [
      '✗ cidr.across east and west: in the first, the pods of node-1 (10.10.0.0/24) overlap the pods of w (10.8.0.0/13) in the second',
    ],
  },
  {
    case: "IPv6 pods in the other's Services",
    clusters: [
      clusterOf({ objects: { nodes: objects(node('e', 'fd00:1:2:3::/64', '192.168.1.1')) } }),
      west(node('w', '10.20.0.0/24', '192.168.2.1'), services('fd00:1:2:3::8000:0/112')),
    ],
    lines: [
      '✗ cidr.across east and west: in the first, the pods of e (fd00:1:2:3::/64) overlap the Services (fd00:1:2:3::8000:0/112) in the second',
    ],
  },
  {
    case: 'the same Services in both',
    clusters: [clusterOf(), west(node('w', '10.20.0.0/24', '192.168.2.1'), services('10.110.0.0/16'))],
    lines: [
      '⚠ cidr.across east and west: in the first, the Services (10.110.0.0/16) overlap the Services (10.110.0.0/16) in the second',
    ],
  },
  {
    case: "a node in the other's pods",
    clusters: [clusterOf(), west(node('w', '10.20.0.0/24', '10.10.0.7'))],
    lines: [
      '✗ cidr.nodes west and east: w of the first has 10.10.0.7, which is among the pods of node-1 (10.10.0.0/24) in the second',
    ],
  },
  {
    case: 'neighbouring blocks',
    clusters: [clusterOf(), west(node('w', '10.10.1.0/24', '192.168.2.1'))],
    lines: [],
  },
  {
    case: 'nodes that do not tell their pods',
    clusters: [clusterOf(), westOf({ objects: { nodes: objects('{metadata: {name: w}}') } })],
    lines: [
      '? cidr.across east and west: of one of them the ranges of its pods are not known: neither its nodes nor a ClusterProperty tell them',
    ],
  },
  {
    case: 'a cluster that tells nothing',
    clusters: [
      clusterOf({
        remotes: { value: [] },
        objects: { nodes: objects('{metadata: {name: e}}'), serviceCidrs: { unknown: 'not served' } },
      }),
    ],
    lines: ['? cidr.within east: neither its nodes nor ServiceCIDRs nor ClusterProperties tell its ranges'],
  },
  {
    case: 'ranges that are recorded: those of all pods hold those of each node',
    clusters: [
      clusterOf({
        remotes: { value: [] },
        objects: { clusterProperties: recorded('east', '10.10.0.0/16', '10.110.0.0/16') },
      }),
      westOf({
        objects: {
          clusterProperties: recorded('west', '10.10.128.0/17', '10.120.0.0/16'),
          nodes: { value: [] },
          serviceCidrs: { unknown: 'not served' },
        },
      }),
    ],
    lines: [
      '✗ cidr.across east and west: in the first, the pods (10.10.0.0/16) overlap the pods (10.10.128.0/17) in the second',
    ],
  },
  {
    case: 'two nodes with one range',
    clusters: [
      clusterOf({
        remotes: { value: [] },
        objects: {
          nodes: objects(
            [node('a', '10.10.0.0/24', '192.168.1.1'), node('b', '10.10.0.0/24', '192.168.1.2')].join(
              '\n---\n',
            ),
          ),
        },
      }),
    ],
    lines: [
      '✗ cidr.within east: within the cluster, the pods of a (10.10.0.0/24) overlap the pods of b (10.10.0.0/24)',
    ],
  },
  {
    case: 'nodes that cannot be listed',
    clusters: [clusterOf({ remotes: { value: [remoteOf({ nodes: { unknown: 'forbidden' } })] } })],
    lines: [
      '? cidr.within east → west: forbidden',
      '? cidr.across east and east → west: forbidden',
      '? cidr.nodes east and east → west: forbidden',
    ],
  },
];

test.each(CASES)('$case', ({ clusters, lines }) => {
  expect(complaints(cidrs, factsOf(...clusters))).toEqual(lines);
});

test('names of nodes that two clusters share are said, and that all is well of neither', () => {
  const facts = factsOf(
    clusterOf({ objects: { nodes: nodesOf(1, ['a', 'b', 'c']) } }),
    westOf({ objects: { nodes: nodesOf(2, ['b', 'c', 'd']) } }),
  );
  expect(said(nodes, facts)).toEqual([
    '⚠ node.names west: 2 of its nodes have names that nodes of east have as well: b, c',
  ]);
});

describe('a cluster that is seen from two places is known again', () => {
  const withUid = (uid: string) =>
    objects(`{metadata: {name: w, uid: ${uid}}, spec: {podCIDRs: [10.20.0.0/24]}}`);

  test.each([
    { by: 'its nodes, where it says no id', nodes: withUid('u-1'), properties: { value: [] }, times: 1 },
    {
      by: 'its id, where it shows no node',
      nodes: { value: [] },
      properties: propertiesOf('west'),
      times: 1,
    },
    { by: 'nothing', nodes: { value: [] }, properties: { value: [] }, times: 2 },
  ])('by $by', ({ nodes: seen, properties, times }) => {
    const remote = remoteOf({ nodes: seen, clusterProperties: properties });
    const facts = factsOf(
      clusterOf({ remotes: { value: [remote] } }),
      westOf({ objects: { nodes: seen, clusterProperties: properties } }),
    );
    const names = said(nodes, facts).map(line => line.split(' ').slice(2).join(' ').split(':')[0]);
    expect(names).toEqual(['east', 'west', 'east → west'].slice(0, 1 + times));
  });

  test('and two that have one id are two', () => {
    const remote = remoteOf({ nodes: withUid('u-2'), clusterProperties: propertiesOf('east') });
    const east = clusterOf({ remotes: { value: [remote] }, objects: { nodes: withUid('u-1') } });
    expect(seenClusters(factsOf(east)).map(({ about }) => about)).toEqual(['east', 'east → west']);
  });
});
