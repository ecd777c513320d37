import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../bed/api.ts';
import { installCauseway } from '../bed/causeway-install.ts';
import { ClusterSet } from '../bed/cluster-set.ts';
import {
  backendsOf,
  backendsOfImport,
  importReference,
  remoteReference,
  untilBackends,
  untilCondition,
  untilImported,
  untilNotImported,
} from '../bed/look.ts';
import { Member, serviceExport } from '../bed/member.ts';
import { sharedBed } from '../bed/shared.ts';
import { Workload } from '../bed/workload.ts';
import { staysFor, waitFor } from '../kit/wait.ts';

/**
 * North is in the hands of somebody who means ill: it publishes by hand, and its API server takes whatever it is given.
 * West imports from it, and from east, whose service has to go on as if nothing were.
 */
let set: ClusterSet;
let west: Member;
let north: Member;
let namespace: string;
let healthy: Workload;

beforeAll(async () => {
  const bed = await sharedBed();
  set = await ClusterSet.form(['east', 'west']);
  west = set.member('west');
  north = await Member.install(bed.cluster('north'));
  await north.cluster.admin.apply(openDefinition);
  const odd = exported('open', { anything: true, spec: 1 });
  await waitFor('north takes everything', () => north.cluster.admin.apply(odd), Boolean, 30_000);
  await north.cluster.admin.delete(odd);
  namespace = await set.namespace('hostile');
  await west.connect(north);
  healthy = await Workload.deploy(set.cluster('east'), { namespace, name: 'healthy', replicas: 2 });
  await set.cluster('east').admin.apply(serviceExport(namespace, 'healthy'));
  await untilCondition(west.cluster, remoteReference('north'), 'Synced', 'True Synced');
  await expectHealthy();
});

afterAll(async () => {
  await west?.disconnect('north');
  for (const kind of ['ExportedService', 'EndpointSlice']) {
    const apiVersion = kind === 'EndpointSlice' ? 'discovery.k8s.io/v1' : 'causeway.dev/v1alpha1';
    const objects = (await north?.cluster.admin.list(apiVersion, kind, 'causeway-exports')) ?? [];
    for (const { metadata } of objects) await north.cluster.admin.delete({ apiVersion, kind, metadata });
  }
  await north?.leave();
  await set?.end();
  if (north !== undefined) await installCauseway(north.cluster);
});

const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
const openDefinition: Manifest = {
  ...definition,
  metadata: { name: 'exportedservices.causeway.dev' },
  spec: {
    group: 'causeway.dev',
    scope: 'Namespaced',
    names: { plural: 'exportedservices', singular: 'exportedservice', kind: 'ExportedService' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

const mark = { 'multicluster.kubernetes.io/source-cluster': 'north' };

/** An object in north's exports namespace; `content` beside its metadata. */
function exported(name: string, content: object): Manifest {
  const metadata = { namespace: 'causeway-exports', name, labels: mark };
  return { apiVersion: 'causeway.dev/v1alpha1', kind: 'ExportedService', metadata, ...content };
}

/** Publishes a service that is all right but for what is given. */
function publish(name: string, spec: object = {}): Promise<Manifest> {
  const right = {
    cluster: 'north',
    namespace,
    name,
    sharedAs: ['ClusterSet'],
    type: 'ClusterSetIP',
    ports: [{ name: '', protocol: 'TCP', port: 80 }],
    ipFamilies: ['IPv4'],
    sessionAffinity: 'None',
  };
  return north.cluster.admin.apply(exported(`${namespace}.${name}`, { spec: { ...right, ...spec } }));
}

function withdraw(name: string): Promise<void> {
  return north.cluster.admin.delete(exported(`${namespace}.${name}`, {}));
}

/** Publishes one endpoint for a service. */
function publishSlice(name: string, address: string, labels: object = {}): Promise<Manifest> {
  return north.cluster.admin.apply({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: 'causeway-exports',
      name: `${namespace}.${name}-1`,
      labels: {
        ...mark,
        'causeway.dev/service-namespace': namespace,
        'causeway.dev/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'controller.causeway.dev',
        ...labels,
      },
    },
    addressType: 'IPv4',
    ports: [{ name: '', protocol: 'TCP', port: 80 }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  });
}

const named = (name: string) => ({ namespace, name });
const on80 = (pods: Workload): string[] => pods.addresses().map(address => `TCP/80 to ${address}:80`);
const host = (name: string): string => `${name}.${namespace}.svc.clusterset.local`;

/** The service of east is what it was, and what north publishes rightly still comes through. */
async function expectHealthy(): Promise<void> {
  await publish('good');
  await untilImported(west.cluster, named('good'), ({ spec }) => spec.ips?.length === 1);
  await withdraw('good');
  await untilNotImported(west.cluster, named('good'));
  await untilBackends(west.cluster, named('healthy'), on80(healthy));
  const { spec } = await untilImported(
    west.cluster,
    named('healthy'),
    seen => seen['spec'].ips?.length === 1,
  );
  await set.untilAnswer('west', host('healthy'), spec.ips);
}

describe('what cannot be read is left out, and the RemoteCluster says what and why', () => {
  test.for([
    [
      'another cluster’s id',
      { cluster: 'east' },
      'spec.cluster: found "east": must be the cluster\'s own id, "north"',
    ],
    ['a way of sharing of the future', { sharedAs: ['Mirror'] }, 'upgrade Causeway here'],
    ['an unknown type', { type: 'Quantum' }, 'spec.type: found "Quantum": must be'],
    ['port 0', { ports: [{ name: '', protocol: 'TCP', port: 0 }] }, 'spec.ports[0].port: found 0: must be'],
    ['a port of text', { ports: 'http' }, 'spec.ports: found "http": must be a list'],
    [
      'too many ports',
      { ports: Array.from({ length: 20_000 }, () => ({})) },
      'must be a list of at most 100',
    ],
    [
      'a name that is none',
      { name: 'Not.A.Name' },
      'spec.name: found "Not.A.Name": must be an RFC 1123 label',
    ],
    ['a name that is too long', { name: 'x'.repeat(64) }, 'spec.name: found "xxx'],
    [
      'a namespace that leads elsewhere',
      { namespace: '../kube-system' },
      'spec.namespace: found "../kube-system"',
    ],
    ['a name of a megabyte', { name: 'x'.repeat(1_000_000) }, 'spec.name: found "xxx'],
  ] as const)('%s', async ([, spec, sentence]) => {
    await publish('odd', spec);
    const { message } = await untilCondition(
      west.cluster,
      remoteReference('north'),
      'Synced',
      'False NewerSchema',
      sentence,
    );
    expect(message).toContain(`causeway-exports/${namespace}.odd`);
    expect(message.length).toBeLessThan(2_000);
    expect(await west.cluster.admin.get(importReference(named('odd')))).toBeUndefined();
    await expectHealthy();
  });

  test('it is in once it is mended', async () => {
    await publish('odd');
    await untilImported(west.cluster, named('odd'));
    await untilCondition(west.cluster, remoteReference('north'), 'Synced', 'True Synced');
    await withdraw('odd');
    await untilNotImported(west.cluster, named('odd'));
  });
});

describe('what can be read does no harm', () => {
  test('addresses that lead to the client itself, or to nobody, are never answered', async () => {
    const bad = [
      '127.0.0.1',
      '169.254.169.254',
      '0.0.0.0',
      '224.0.0.1',
      '255.255.255.255',
      '::1',
      '::ffff:127.0.0.1',
      'x',
    ];
    await publish('lb', { traffic: { backends: 'loadbalancer' }, loadBalancerIPs: [...bad, '10.130.0.99'] });
    await publish('own', { traffic: { backends: 'service' }, clusterIPs: ['127.0.0.1', '10.130.0.98'] });
    await set.untilAnswer('west', host('lb'), '10.130.0.99');
    await set.untilAnswer('west', host('own'), '10.130.0.98');
    await expectHealthy();
  });

  test('labels and annotations that mean something to Kubernetes or Causeway do not get in', async () => {
    const claims = {
      'kubernetes.io/service-name': 'x',
      'multicluster.kubernetes.io/derived-service': 'healthy',
      'app.kubernetes.io/managed-by': 'causeway',
      'causeway.dev/service-name': 'healthy',
      'causeway.dev/traffic': 'x',
      ['__proto__']: 'x',
      'example.com/mine': 'fine',
    };
    await publish('marked', { labels: claims, annotations: claims });
    const { metadata } = await untilImported(west.cluster, named('marked'));
    expect(metadata.labels).toEqual({ 'example.com/mine': 'fine' });
    expect(metadata.annotations).toEqual({
      'app.kubernetes.io/managed-by': 'causeway',
      'example.com/mine': 'fine',
      'multicluster.kubernetes.io/derived-service': expect.stringMatching(/^derived-[0-9a-v]{10}$/),
    });
    await expectHealthy();
  });

  test('a megabyte of annotations becomes what fits', async () => {
    const annotations = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`example.com/a${index}`, 'x'.repeat(1_000)]),
    );
    await publish('huge', { annotations });
    const { metadata } = await untilImported(west.cluster, named('huge'));
    expect(JSON.stringify(metadata.annotations).length).toBeLessThan(20_000);
    await expectHealthy();
  });

  test('endpoints for a service that it does not export lead nobody to it', async () => {
    await publishSlice('healthy', '10.30.9.9', { 'kubernetes.io/service-name': 'healthy' });
    const expected = on80(healthy).toSorted();
    const look = (): Promise<string[]> => backendsOfImport(west.cluster, named('healthy'));
    await staysFor('only east serves it', look, seen => `${seen}` === `${expected}`, 2_000);
    expect(await backendsOf(west.cluster, named('healthy'))).toEqual([]);
    await expectHealthy();
  });

  test('a native Service of the same name is not touched, however it is shared', async () => {
    const native = await Workload.deploy(west.cluster, { namespace, name: 'native' });
    const service = { apiVersion: 'v1', kind: 'Service', metadata: named('native') };
    const before = [await west.cluster.admin.get(service), await backendsOf(west.cluster, named('native'))];
    expect(before[1]).toEqual(on80(native));
    await publish('native', { sharedAs: ['ClusterSet', 'Global'], serviceLabels: { app: 'native' } });
    await publishSlice('native', '10.30.9.9');
    await untilBackends(west.cluster, named('native'), ['TCP/80 to 10.30.9.9:80']);
    expect([await west.cluster.admin.get(service), await backendsOf(west.cluster, named('native'))]).toEqual(
      before,
    );
    await expectHealthy();
  });

  test('hundreds of objects of nonsense hold nobody up', async () => {
    const odd = Array.from({ length: 300 }, (_, index) =>
      exported(`junk-${index}`, { spec: index % 2 ? [] : null }),
    );
    await Promise.all(odd.map(object => north.cluster.admin.apply(object)));
    await untilCondition(west.cluster, remoteReference('north'), 'Synced', 'False NewerSchema', 'and more');
    await expectHealthy();
    await Promise.all(odd.map(object => north.cluster.admin.delete(object)));
    await untilCondition(west.cluster, remoteReference('north'), 'Synced', 'True Synced');
  });

  test('what it published goes with it', async () => {
    await publish('last');
    await untilImported(west.cluster, named('last'));
    await west.cluster.admin.delete(remoteReference('north'));
    for (const name of ['last', 'lb', 'own', 'marked', 'huge', 'native'])
      await untilNotImported(west.cluster, named(name));
    const { spec } = await untilImported(west.cluster, named('healthy'));
    await set.untilAnswer('west', host('healthy'), spec.ips);
  });
});
