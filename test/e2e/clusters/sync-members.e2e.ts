import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest, Reference } from '../bed/api.ts';
import { installCauseway } from '../bed/causeway-install.ts';
import type { Cluster } from '../bed/cluster.ts';
import { ClusterSet } from '../bed/cluster-set.ts';
import {
  importedSlices,
  type Named,
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
 * East and west in one cluster set; who comes, who goes, and who cannot be let in. A service of east has to answer all
 * along.
 */
let set: ClusterSet;
let west: Member;
let north: Member;
let namespace: string;
const host = (name: string): string => `${name}.${namespace}.svc.clusterset.local`;

beforeAll(async () => {
  const bed = await sharedBed();
  set = await ClusterSet.form(['east', 'west']);
  west = set.member('west');
  north = await Member.install(bed.cluster('north'));
  namespace = await set.namespace('members');
  await north.cluster.ensureNamespace(namespace);
  await deploy(set.cluster('east'), 'healthy');
  await untilImported(west.cluster, { namespace, name: 'healthy' }, ({ spec }) => spec.ips?.length === 1);
});

afterAll(async () => {
  await north?.cluster.admin.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const name of ['again', 'mirror', 'nowhere', 'north']) await west?.disconnect(name);
  await north?.leave();
  await set?.end();
  if (north !== undefined) await installCauseway(north.cluster);
});

async function deploy(cluster: Cluster, name: string): Promise<Workload> {
  const pods = await Workload.deploy(cluster, { namespace, name });
  await cluster.admin.apply(serviceExport(namespace, name));
  return pods;
}

/** Of a server that is not there. @param user the fields of the user */
function kubeconfigOf(user: string): string {
  return [
    'current-context: a',
    'contexts: [{name: a, context: {cluster: a, user: a}}]',
    'clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}]',
    `users: [{name: a, user: {${user}}}]`,
  ].join('\n');
}

const named = (name: string): Named => ({ namespace, name });
const on80 = (pods: Workload): string[] => pods.addresses().map(address => `TCP/80 to ${address}:80`);

async function expectHealthy(): Promise<void> {
  const { spec } = await untilImported(west.cluster, named('healthy'));
  expect(await set.answer('west', host('healthy'))).toBe(spec.ips[0]);
}

/** A RemoteCluster beside its Secret; `text` as its kubeconfig. */
async function remote(name: string, text?: string): Promise<Manifest> {
  if (text === undefined) await west.cluster.admin.delete(secretReference(name));
  else await west.giveKubeconfig(name, text);
  const reference = remoteReference(name);
  return west.cluster.admin.apply({ ...reference, spec: { secretRef: { name } } });
}

describe('who is not let in', () => {
  test.for([
    ['no Secret', undefined, 'SecretMissing', 'Secret nowhere has no key kubeconfig; create it'],
    ['an empty text', '', 'KubeconfigInvalid', 'no mapping of fields; check it with'],
    ['no YAML', 'current-context: [', 'KubeconfigInvalid', 'not YAML (BAD_'],
    [
      'a program to run',
      kubeconfigOf('exec: {command: id}'),
      'KubeconfigInvalid',
      'the user has exec, which is not allowed',
    ],
    ['a server that is not there', kubeconfigOf('token: secret-word'), 'NoAnswer', 'ECONNREFUSED'],
  ] as const)('a RemoteCluster with %s', async ([, text, reason, sentence]) => {
    await remote('nowhere', text);
    const reference = remoteReference('nowhere');
    const { message } = await untilCondition(
      west.cluster,
      reference,
      'ControlPlaneReachable',
      `False ${reason}`,
      sentence,
    );
    expect(message).not.toContain('secret-word');
    await untilCondition(west.cluster, reference, 'Synced', 'False Unreached');
    await expectHealthy();
  });

  test('a cluster with the id of this one', async () => {
    await remote('mirror', west.cluster.kubeconfigText());
    const { message } = await untilCondition(
      west.cluster,
      remoteReference('mirror'),
      'Synced',
      'False ClusterIdTaken',
    );
    expect(message).toContain("its cluster id is west, which is this cluster's own; give each cluster");
    await expectHealthy();
  });

  test('a cluster with the id of another; it is, once that has gone', async () => {
    await remote('again', set.cluster('east').kubeconfigText());
    const { message } = await untilCondition(
      west.cluster,
      remoteReference('again'),
      'Synced',
      'False ClusterIdTaken',
    );
    expect(message).toContain('its cluster id is east, which RemoteCluster east has already');
    await expectHealthy();
    await west.cluster.admin.delete(remoteReference('east'));
    await untilCondition(west.cluster, remoteReference('again'), 'Synced', 'True Synced');
    await untilImported(west.cluster, named('healthy'));
    await west.cluster.admin.delete(remoteReference('again'));
    await untilNotImported(west.cluster, named('healthy'));
    await west.cluster.admin.apply({ ...remoteReference('east'), spec: { secretRef: { name: 'east' } } });
    await untilImported(west.cluster, named('healthy'), ({ spec }) => spec.ips?.length === 1);
  });

  test('a cluster without our kinds; it is, once it has them', async () => {
    const crd = 'exportedservices.causeway.dev';
    const kind = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: crd },
    };
    await north.cluster.admin.delete(kind);
    await waitFor(
      'the kind is gone',
      () => north.cluster.admin.get(kind),
      seen => seen === undefined,
    );
    await west.connect(north);
    const { message } = await untilCondition(
      west.cluster,
      remoteReference('north'),
      'Synced',
      'False CRDsMissing',
    );
    expect(message).toContain("Install Causeway's CustomResourceDefinitions in the other cluster");
    await expectHealthy();
    await installCauseway(north.cluster);
    await untilCondition(west.cluster, remoteReference('north'), 'Synced', 'True Synced');
    await west.disconnect('north');
  });
});

describe('who comes and goes', () => {
  test('a third cluster joins, takes another id, and leaves; the others stay', async () => {
    const controller = await north.startController();
    await Promise.all([west.connect(north), north.connect(west)]);
    const own = await deploy(west.cluster, 'own');
    const search = await deploy(north.cluster, 'search');
    await untilBackends(west.cluster, named('search'), on80(search));
    await untilBackends(north.cluster, named('own'), on80(own));
    expect(await sourcesOf('search')).toEqual(['north']);

    await north.cluster.admin.merge(idProperty, { spec: { value: 'boreal' } });
    await controller.until('gone, to start with its new id', () =>
      controller.output().includes('to start anew'),
    );
    await north.startController();
    await waitFor(
      'west knows the new id',
      async () => (await remoteStatus('north')).clusterId,
      seen => seen === 'boreal',
    );
    await waitFor(
      'its slices bear it',
      () => sourcesOf('search'),
      seen => `${seen}` === 'boreal',
      20_000,
    );
    await untilBackends(west.cluster, named('search'), on80(search));
    await untilImported(
      west.cluster,
      named('search'),
      ({ status }) => status.clusters[0].cluster === 'boreal',
    );
    await expectHealthy();

    await west.disconnect('north');
    await untilNotImported(west.cluster, named('search'));
    const left = (): Promise<Manifest[]> => importedSlices(west.cluster, named('search'));
    await waitFor('its slices are gone', left, seen => seen.length === 0);
    const derived = (): Promise<Manifest[]> =>
      west.cluster.admin.list('v1', 'Service', namespace, 'causeway.dev/service-name=search');
    await waitFor('its Services are gone', derived, seen => seen.length === 0);
    await untilImported(north.cluster, named('own'));
    await untilBackends(west.cluster, named('own'), on80(own));
    await expectHealthy();
  });

  test('a credential that is spoiled changes nothing, and one that is mended is used at once', async () => {
    const east = set.member('east');
    const old = (await secretOf('east'))['kubeconfig'] ?? '';
    await west.giveKubeconfig('east', 'no kubeconfig');
    const reference = remoteReference('east');
    await untilCondition(west.cluster, reference, 'ControlPlaneReachable', 'False KubeconfigInvalid');
    const { message } = await untilCondition(west.cluster, reference, 'Synced', 'False Unreached');
    expect(message).toContain('What was last heard of the cluster is kept.');
    await staysFor(
      'the import',
      () => set.answer('west', host('healthy')),
      seen => seen.startsWith('10.'),
      2_000,
    );
    const missed = await deploy(east.cluster, 'missed');
    await west.giveKubeconfig('east', Buffer.from(old, 'base64').toString());
    await untilCondition(west.cluster, reference, 'Synced', 'True Synced');
    await untilBackends(west.cluster, named('missed'), on80(missed));
    await expectHealthy();
  });

  test('a cluster whose RemoteCluster is deleted is wiped, and nobody else', async () => {
    const own = await deploy(west.cluster, 'kept');
    await untilBackends(set.cluster('east'), named('kept'), on80(own));
    await west.disconnect('east');
    await untilNotImported(west.cluster, named('healthy'));
    await set.untilAnswer('west', host('healthy'), 'NXDOMAIN');
    const copies = async (): Promise<string[]> => {
      const all = await west.cluster.admin.list(
        'causeway.dev/v1alpha1',
        'ExportedService',
        'causeway-imports',
      );
      return all.map(({ metadata }) => metadata.name).filter(name => name.startsWith('east.'));
    };
    await waitFor('nothing is kept of it', copies, seen => seen.length === 0);
    await untilBackends(west.cluster, named('kept'), on80(own));
    await untilBackends(set.cluster('east'), named('kept'), on80(own));
    await west.connect(set.member('east'));
    await untilImported(west.cluster, named('healthy'), ({ spec }) => spec.ips?.length === 1);
  });
});

const idProperty = {
  apiVersion: 'about.k8s.io/v1beta1',
  kind: 'ClusterProperty',
  metadata: { name: 'cluster.clusterset.k8s.io' },
};

async function sourcesOf(name: string): Promise<string[]> {
  const slices = await importedSlices(west.cluster, named(name));
  return [
    ...new Set(
      slices.map(({ metadata }) => metadata.labels?.['multicluster.kubernetes.io/source-cluster'] ?? ''),
    ),
  ];
}

async function remoteStatus(name: string): Promise<{ clusterId?: string }> {
  return (await west.cluster.admin.get(remoteReference(name)))?.['status'] ?? {};
}

async function secretOf(name: string): Promise<Record<string, string>> {
  return (await west.cluster.admin.get(secretReference(name)))?.['data'] ?? {};
}

function secretReference(name: string): Reference {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'causeway-system', name } };
}
