import { expect, test } from 'vitest';
import type { ClusterFacts } from '../../src/diagnose/facts.ts';
import { identity } from '../../src/diagnose/identity.ts';
import {
  clusterOf,
  complaints,
  factsOf,
  propertiesOf,
  remoteOf,
  said,
  westOf,
} from '../kit/diagnose-facts.ts';
import { objects } from '../kit/diagnose-running.ts';

test('two clusters with ids of their own', () => {
  expect(said(identity, factsOf(clusterOf(), westOf()))).toEqual([
    '✓ id.present east: it is east',
    '✓ id.present east → west: it is west',
    '✓ id.status east → west: the RemoteCluster knows it as west',
    '✓ id.set east → west: both are of the cluster set shops',
    '✓ id.unique east: east, west: each once',
    '✓ id.present west: it is west',
    '✓ id.unique west: west: each once',
    '✓ id.unique east and west: east, west: each once',
    '✓ id.set west: both are of the cluster set shops',
  ]);
});

const remotes = (...list: readonly ReturnType<typeof remoteOf>[]) => ({ remotes: { value: list } });
const named = (id: string) => remoteOf({ clusterProperties: propertiesOf(id) });

const CASES: { case: string; clusters: ClusterFacts[]; lines: string[] }[] = [
  {
    case: 'no ClusterProperty',
    clusters: [clusterOf({ ...remotes(), objects: { clusterProperties: { value: [] } } })],
    lines: [
      '✗ id.present east: there is no ClusterProperty cluster.clusterset.k8s.io',
      '? id.unique east: the id of east is not known',
    ],
  },
  {
    case: 'an id that is none',
    clusters: [clusterOf({ ...remotes(), objects: { clusterProperties: propertiesOf('East_1') } })],
    lines: [
      '✗ id.present east: the ClusterProperty cluster.clusterset.k8s.io says "East_1", which is no cluster id',
      '? id.unique east: the id of east is not known',
    ],
  },
  {
    case: "the remote has this cluster's id",
    clusters: [clusterOf(remotes(named('east')))],
    lines: [
      '✗ id.status east → west: it calls itself east now, and the RemoteCluster says west',
      '✗ id.unique east: the id east is that of east and of RemoteCluster west',
    ],
  },
  {
    case: 'two RemoteClusters lead to one cluster',
    clusters: [clusterOf(remotes(remoteOf(), remoteOf({}, 'occident')))],
    lines: [
      '✗ id.status east → occident: it calls itself west now, and the RemoteCluster says occident',
      '✗ id.unique east: the id west is that of RemoteCluster west and of RemoteCluster occident',
    ],
  },
  {
    case: 'both contexts lead to one cluster',
    clusters: [clusterOf(remotes()), westOf({ objects: { clusterProperties: propertiesOf('east') } })],
    lines: ['✗ id.unique east and west: the id east is that of east and of west'],
  },
  {
    case: 'another cluster set',
    clusters: [
      clusterOf(
        remotes(
          remoteOf({
            clusterProperties: objects('{metadata: {name: cluster.clusterset.k8s.io}, spec: {value: west}}'),
          }),
        ),
      ),
    ],
    lines: ['⚠ id.set east → west: it is of the cluster set no name, and east is of shops'],
  },
  {
    case: 'a remote that cannot be asked',
    clusters: [clusterOf(remotes(remoteOf({ clusterProperties: { unknown: 'no answer in time' } })))],
    lines: [
      '? id.present east → west: no answer in time',
      '? id.status east → west: no answer in time',
      '? id.set east → west: no answer in time',
      '? id.unique east: the id of RemoteCluster west is not known',
    ],
  },
];

test.each(CASES)('$case', ({ clusters, lines }) => {
  expect(complaints(identity, factsOf(...clusters))).toEqual(lines);
});
