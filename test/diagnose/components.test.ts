import { expect, test } from 'vitest';
import { components } from '../../src/diagnose/components.ts';
import type { ClusterFacts } from '../../src/diagnose/facts.ts';
import { clusterOf, complaints, factsOf, reachOf, said, westOf } from '../kit/diagnose-facts.ts';
import { controllerPod, dnsPod, objects } from '../kit/diagnose-running.ts';

test('all is well', () => {
  expect(said(components, factsOf())).toEqual([
    '✓ component.available east: 2 of 2 replicas of causeway-controller are available',
    '✓ component.available east: 2 of 2 replicas of causeway-dns are available',
    '✓ component.restarts east: no pod was restarted more than 3 times',
    '✓ component.lease east: causeway-controller-0 leads, and said so 2 s ago',
    '✓ component.loaded east: pod causeway-dns-0 has read everything and hears of changes',
    '✓ component.version east: all are 0.1.0',
  ]);
});

const deployments = (controller: number, dns: number, wanted = 2) =>
  objects(`
{metadata: {name: causeway-controller}, spec: {replicas: 2}, status: {availableReplicas: ${controller}}}
---
{metadata: {name: causeway-dns}, spec: {replicas: ${wanted}}, status: {availableReplicas: ${dns}}}
`);
const lease = (holder: string, renewed: string) => ({
  leases: objects(
    `{metadata: {name: causeway-controller}, spec: {holderIdentity: '${holder}', leaseDurationSeconds: 15, renewTime: '${renewed}'}}`,
  ),
});
const replicas = (...pods: readonly ReturnType<typeof dnsPod>[]) => ({
  replicas: { value: [controllerPod('causeway-controller-0'), ...pods] },
});

const CASES: { case: string; clusters: ClusterFacts[]; lines: string[] }[] = [
  {
    case: 'no replica, with the reason that its pod has',
    clusters: [
      clusterOf({
        ...replicas(dnsPod('causeway-dns-0', {}, { waiting: 'ImagePullBackOff: no such image' })),
        objects: { deployments: deployments(1, 0) },
      }),
    ],
    lines: [
      '⚠ component.available east: only 1 of 2 replicas of causeway-controller are available; its pods do not say why',
      '✗ component.available east: no replica of causeway-dns is available, of 2; causeway-dns-0: ImagePullBackOff: no such image',
    ],
  },
  {
    case: 'a Deployment that is scaled to 0',
    clusters: [clusterOf({ objects: { deployments: deployments(2, 0, 0) } })],
    lines: ['✗ component.available east: there is no replica of causeway-dns: it is scaled to 0'],
  },
  {
    case: 'nothing installed',
    clusters: [
      clusterOf({
        replicas: { value: [] },
        objects: { deployments: { value: [] }, leases: { value: [] } },
      }),
    ],
    lines: [
      '✗ component.available east: there is no Deployment causeway-controller in namespace causeway-system',
      '✗ component.available east: there is no Deployment causeway-dns in namespace causeway-system',
      '? component.restarts east: there are no pods',
      '✗ component.lease east: there is no Lease causeway-controller in namespace causeway-system: no controller has ever led',
      '? component.loaded east: there is no pod of the DNS daemon',
      '? component.version east: no pod tells its version',
    ],
  },
  {
    case: 'restarts',
    clusters: [clusterOf(replicas(dnsPod('causeway-dns-0', {}, { restarts: 63 })))],
    lines: ['⚠ component.restarts east: pod causeway-dns-0 was restarted 63 times'],
  },
  {
    case: 'a Lease that is over',
    clusters: [clusterOf({ objects: lease('causeway-controller-0', '2026-06-01T11:59:00Z') })],
    lines: [
      '✗ component.lease east: nobody leads: causeway-controller-0 held the Lease and has not renewed it since 2026-06-01T11:59:00.000Z',
    ],
  },
  {
    case: 'a Lease that was given back',
    clusters: [clusterOf({ objects: lease('', '2026-06-01T11:59:58Z') })],
    lines: ['✗ component.lease east: nobody leads: no controller holds the Lease'],
  },
  {
    case: 'a Lease that was renewed at a time to come',
    clusters: [clusterOf({ objects: lease('causeway-controller-0', '2026-06-01T12:01:00Z') })],
    lines: [
      '? component.lease east: causeway-controller-0 has renewed the Lease at 2026-06-01T12:01:00.000Z, which is yet to come: clocks differ',
    ],
  },
  {
    case: 'a Lease of a cluster whose clock is behind: by that clock it is fresh',
    clusters: [
      clusterOf({
        reach: reachOf({ clock: { value: { ahead: -60, uncertainty: 1 } } }),
        objects: lease('causeway-controller-0', '2026-06-01T11:58:58Z'),
      }),
    ],
    lines: [],
  },
  {
    case: 'a Lease of a cluster whose clock is not known, whatever the clock of this machine',
    clusters: [
      clusterOf({
        reach: reachOf({ clock: { unknown: 'no answer' } }),
        objects: lease('causeway-controller-0', '2026-06-01T11:59:58Z'),
      }),
    ],
    lines: ['? component.lease east: it is not known when causeway-controller-0 renewed the Lease'],
  },
  {
    case: 'a Lease that was given back, in a cluster whose clock is not known',
    clusters: [
      clusterOf({
        reach: reachOf({ clock: { unknown: 'no answer' } }),
        objects: lease('', '2026-06-01T11:59:58Z'),
      }),
    ],
    lines: ['✗ component.lease east: nobody leads: no controller holds the Lease'],
  },
  {
    case: 'a daemon that has read nothing, one that hears nothing, one that does not answer',
    clusters: [
      clusterOf(
        replicas(
          dnsPod('causeway-dns-0', { synced: false }),
          dnsPod('causeway-dns-1', { stale: true, since: '2026-06-01T10:00:00Z' }),
          { ...dnsPod('causeway-dns-2'), component: 'dns', page: { unknown: 'no answer within 3 s' } },
        ),
      ),
    ],
    lines: [
      '✗ component.loaded east: pod causeway-dns-0 has not read the cluster yet: it answers SERVFAIL',
      '✗ component.loaded east: pod causeway-dns-1 no longer hears of changes, since 2026-06-01T10:00:00Z',
      '? component.loaded east: causeway-dns-2: no answer within 3 s',
      '? component.version east: 1 of the pods do not tell theirs',
    ],
  },
  {
    case: 'another version in the other cluster',
    clusters: [clusterOf(), westOf(replicas(dnsPod('causeway-dns-0', { version: '0.2.0' })))],
    lines: [
      '⚠ component.version east and west: there is more than one version: 0.1.0 (this program, east/causeway-controller-0, east/causeway-dns-0, west/causeway-controller-0); 0.2.0 (west/causeway-dns-0)',
    ],
  },
  {
    case: 'what may not be read',
    clusters: [
      clusterOf({
        replicas: { unknown: 'forbidden' },
        objects: { deployments: { unknown: 'forbidden' }, leases: { unknown: 'forbidden' } },
      }),
    ],
    lines: [
      '? component.available east: forbidden',
      '? component.available east: forbidden',
      '? component.restarts east: forbidden',
      '? component.lease east: forbidden',
      '? component.loaded east: forbidden',
      '? component.version east: no pod tells its version',
    ],
  },
];

test.each(CASES)('$case', ({ clusters, lines }) => {
  expect(complaints(components, factsOf(...clusters))).toEqual(lines);
});
