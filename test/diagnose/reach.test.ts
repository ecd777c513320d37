import { expect, test } from 'vitest';
import { reach } from '../../src/diagnose/reach.ts';
import {
  accessOf,
  clusterOf,
  complaints,
  factsOf,
  reachOf,
  remoteCluster,
  remoteOf,
  said,
} from '../kit/diagnose-facts.ts';

test('a way that is open is told step by step, for the cluster and for each that it imports from', () => {
  expect(said(reach, factsOf())).toEqual([
    '✓ reach.name east: https://api.east.example.com:6443 is 10.0.0.1',
    '✓ reach.connect east: connected within 3 ms',
    '✓ reach.api east: Kubernetes v1.34.1 answers',
    '✓ reach.name east → west: https://api.west.example.com:6443 is 10.0.0.1',
    '✓ reach.connect east → west: connected within 3 ms',
    '✓ reach.api east → west: Kubernetes v1.34.1 answers',
  ]);
});

const NOT_TRIED = { unknown: 'not tried' };

test.each([
  {
    fault: 'a host without an address',
    cluster: clusterOf({
      reach: reachOf({ addresses: { failed: 'getaddrinfo ENOTFOUND api' }, connect: NOT_TRIED }),
      api: { failed: 'could not get /version' },
    }),
    lines: [
      '✗ reach.name east: the host of https://api.east.example.com:6443 has no address: getaddrinfo ENOTFOUND api',
      '? reach.connect east: not tried',
      '✗ reach.api east: it does not answer this credential: could not get /version',
    ],
  },
  {
    fault: 'nobody listens at the remote',
    cluster: clusterOf({
      remotes: {
        value: [
          {
            ...remoteOf({
              reach: { ...accessOf().reach, connect: { failed: 'connect ECONNREFUSED 10.0.0.1:6443' } },
            }),
            object: remoteCluster('west', { ControlPlaneReachable: 'False' }),
          },
        ],
      },
    }),
    lines: [
      '✗ reach.connect east → west: no connection to https://api.west.example.com:6443: connect ECONNREFUSED 10.0.0.1:6443',
    ],
  },
  {
    fault: 'an address that a controller once reached, where none leads any more',
    cluster: clusterOf({
      replicas: { value: [] },
      objects: { leases: { value: [] } },
      remotes: {
        value: [
          remoteOf({
            reach: { ...accessOf().reach, connect: { failed: 'connect ECONNREFUSED 10.0.0.1:6443' } },
          }),
        ],
      },
    }),
    lines: [
      '✗ reach.connect east → west: no connection to https://api.west.example.com:6443: connect ECONNREFUSED 10.0.0.1:6443',
    ],
  },
  {
    fault: 'an address for pods alone',
    cluster: clusterOf({
      remotes: {
        value: [
          remoteOf({
            reach: { ...accessOf().reach, connect: { failed: 'connect ECONNREFUSED 10.0.0.1:6443' } },
            api: { failed: 'could not get /version' },
          }),
        ],
      },
    }),
    lines: [
      '? reach.connect east → west: this machine does not reach https://api.west.example.com:6443: connect ECONNREFUSED 10.0.0.1:6443',
      '? reach.api east → west: not tried: there is no connection',
    ],
  },
  {
    fault: 'a RemoteCluster without a kubeconfig',
    cluster: clusterOf({
      remotes: { value: [{ ...remoteOf(), access: { failed: 'there is no Secret causeway-system/west' } }] },
    }),
    lines: ['? reach.name east → west: there is no kubeconfig to try it with: see credential.kubeconfig'],
  },
])('$fault', ({ cluster, lines }) => {
  expect(complaints(reach, factsOf(cluster))).toEqual(lines);
});
