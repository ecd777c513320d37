import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportedServiceSpec } from '../../../src/objects/exported-service.ts';
import { exportedServices } from '../../kit/exported-values.ts';
import type { Api, Manifest } from '../bed/api.ts';
import { kubectl } from '../bed/kubectl.ts';
import { sharedBed } from '../bed/shared.ts';

/**
 * What of the definitions in deploy/crds only a real API server can tell: its reading of the schemas, and the CEL
 * rules.
 */
let api: Api;
const namespace = 'crds';

beforeAll(async () => {
  const bed = await sharedBed();
  api = bed.cluster('north').admin;
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

afterAll(async () => {
  await api.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

function exported(name: string, spec: object): Manifest {
  return {
    apiVersion: 'causeway.dev/v1alpha1',
    kind: 'ExportedService',
    metadata: { name, namespace },
    spec,
  };
}

function remoteNode(spec: object): Manifest {
  const least = { cluster: 'west', nodeName: 'node-1' };
  return {
    apiVersion: 'causeway.dev/v1alpha1',
    kind: 'RemoteNode',
    metadata: { name: 'x' },
    spec: { ...least, ...spec },
  };
}

test('whatever a cluster may have to tell of a service is taken, and kept as it was written', async () => {
  const specs = fc.sample(exportedServices, { numRuns: 40, seed: 3 }).map(exportedServiceSpec);
  const stored = await Promise.all(specs.map((spec, index) => api.create(exported(`any-${index}`, spec))));
  expect(stored.map(object => object['spec'])).toEqual(specs);
});

describe('what a schema alone cannot refuse', () => {
  const least = {
    cluster: 'east',
    namespace: 'shop',
    name: 'pay',
    sharedAs: ['ClusterSet'],
    type: 'ClusterSetIP',
  };
  const port = (name: string, protocol: string, number: number) => ({ name, protocol, port: number });

  test.each([
    {
      row: 'a port name twice',
      spec: { ports: [port('a', 'TCP', 1), port('a', 'TCP', 2)] },
      says: 'names must be unique',
    },
    {
      row: 'a port number twice',
      spec: { ports: [port('a', 'TCP', 1), port('b', 'TCP', 1)] },
      says: 'the numbers of a protocol must be unique',
    },
    {
      row: 'cluster IPs of a headless service',
      spec: { type: 'Headless', clusterIPs: ['10.0.0.1'] },
      says: 'a headless service has no cluster IPs',
    },
    {
      row: 'an address that is none',
      spec: { loadBalancerIPs: ['10.0.0.256'] },
      says: 'must be IP addresses',
    },
    { row: 'an address twice', spec: { clusterIPs: ['10.0.0.1', '10.0.0.1'] }, says: 'each once' },
    { row: 'a family twice', spec: { ipFamilies: ['IPv4', 'IPv4'] }, says: 'each must be named once' },
    {
      row: 'a time without affinity',
      spec: { sessionAffinityTimeoutSeconds: 5 },
      says: 'is for sessionAffinity ClientIP',
    },
    { row: 'a time that is none', spec: { exportedAt: '2026-02-30T00:00:00Z' }, says: 'date-time' },
  ])('$row', async ({ spec, says }) => {
    await expect(api.create(exported('x', { ...least, ...spec }))).rejects.toThrow(says);
  });

  test('one number under two protocols is none of these', async () => {
    const ports = [port('a', 'TCP', 53), port('b', 'UDP', 53)];
    await expect(api.create(exported('two-protocols', { ...least, ports }))).resolves.toBeDefined();
  });

  test.each([
    { row: 'a node address that is none', spec: { addresses: ['node-1'] }, says: 'must be IP addresses' },
    { row: 'host bits in a block', spec: { podCIDRs: ['10.1.2.3/24'] }, says: 'without host bits' },
    { row: 'a block that is none', spec: { podCIDRs: ['10.1.2/24'] }, says: 'must be address blocks' },
    { row: 'a block twice', spec: { podCIDRs: ['10.1.2.0/24', '10.1.2.0/24'] }, says: 'each once' },
  ])('$row', async ({ spec, says }) => {
    await expect(api.create(remoteNode(spec))).rejects.toThrow(says);
  });

  test('encryption by agents that make no routes', async () => {
    const remote = (encryption: string) => ({
      apiVersion: 'causeway.dev/v1alpha1',
      kind: 'RemoteCluster',
      metadata: { name: `crds-${encryption.toLowerCase()}` },
      spec: { secretRef: { name: 'x' }, overlayRoutingMode: 'Disabled', encryption },
    });
    await expect(api.create(remote('Required'))).rejects.toThrow('overlayRoutingMode cannot be Disabled');
    const preferred = await api.create(remote('Preferred'));
    await api.delete(preferred);
  });
});

test('kubectl shows a RemoteCluster as it stands', async () => {
  const reference = {
    apiVersion: 'causeway.dev/v1alpha1',
    kind: 'RemoteCluster',
    metadata: { name: 'crds-west' },
  };
  await api.apply({ ...reference, spec: { secretRef: { name: 'west' } } });
  try {
    const at = { message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const conditions = [
      { type: 'ControlPlaneReachable', status: 'True', reason: 'Answering', ...at },
      { type: 'Synced', status: 'False', reason: 'Listing', ...at },
      { type: 'Serving', status: 'Unknown', reason: 'Listing', ...at },
      { type: 'DataPathReachable', status: 'False', reason: 'Unreachable', ...at },
    ];
    await api.merge(reference, { status: { clusterId: 'west', services: 7, conditions } }, 'status');
    const cluster = (await sharedBed()).cluster('north');
    const [head = '', line = ''] = (await kubectl(cluster, ['get', 'rcl', 'crds-west'])).split('\n');
    expect(head.split(/ +/)).toEqual([
      'NAME',
      'CLUSTER',
      'REACHABLE',
      'SYNCED',
      'SERVING',
      'DATAPATH',
      'SERVICES',
      'AGE',
    ]);
    expect(line.split(/ +/).slice(0, -1)).toEqual([
      'crds-west',
      'west',
      'True',
      'False',
      'Unknown',
      'False',
      '7',
    ]);
    const stored = await api.get(reference);
    expect(stored?.['spec']).toEqual({
      secretRef: { name: 'west', key: 'kubeconfig' },
      overlayRoutingMode: 'Enabled',
      encryption: 'Off',
    });
  } finally {
    await api.delete(reference);
  }
});
