import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { RESOURCES } from '../../../src/kube/resource.ts';
import { deployFiles } from '../../../src/operate/deploy-files.ts';
import { type DisableOptions, disableCluster } from '../../../src/operate/disable/disable.ts';
import { enableCluster } from '../../../src/operate/enable/enable.ts';
import type { Step } from '../../../src/operate/step.ts';
import { PLAIN } from '../../../src/terminal/style.ts';
import { disableTable } from '../../../src/views/disable.ts';
import { ApiServer } from '../../kit/api-server.ts';

const files = await deployFiles();
const step: Step = (_, work) => work(() => {});

let server: ApiServer;
let client: HttpsApiClient;

beforeEach(async () => {
  server = await new ApiServer().start();
  client = new HttpsApiClient(server.connection());
  cascade(server);
});
afterEach(() => server.end());

/** What a cluster's own controllers do: with a namespace goes what is in it, with a definition what is of the kind. */
function cascade({ store }: ApiServer): void {
  store.follow(({ type, collection, record: { name } }) => {
    if (type !== 'DELETED') return;
    for (const { group, plural } of Object.values(RESOURCES)) {
      for (const object of store.list(`${group}/${plural}`)) {
        const goes =
          (collection === '/namespaces' && object.namespace === name) ||
          (collection === 'apiextensions.k8s.io/customresourcedefinitions' && name === `${plural}.${group}`);
        if (goes) store.delete(`${group}/${plural}`, object.namespace, object.name);
      }
    }
  });
}

async function enable(): Promise<void> {
  await enableCluster(
    { context: 'east', client },
    files,
    {
      clusterId: 'east',
      clusterset: undefined,
      namespace: 'causeway-system',
      components: ['dns', 'controller'],
      podFamilies: 'ipv4',
      image: undefined,
      answer: undefined,
      serviceCidrs: [],
      podCidrs: [],
      replaceDefinitions: false,
      dryRun: false,
      timeout: 0,
    },
    { step, signal: new AbortController().signal },
  );
}

function disable(options: Partial<DisableOptions> = {}, signal = new AbortController().signal) {
  const all = { exports: false, dryRun: false, timeout: 1_000, ...options };
  return disableCluster({ context: 'east', client }, all, { step, signal });
}

/** Every object of the cluster, as `collection namespace/name`. */
function everything(): string[] {
  return Object.values(RESOURCES).flatMap(({ group, plural }) =>
    server.store
      .list(`${group}/${plural}`)
      .map(({ namespace, name }) => `${group}/${plural} ${namespace}/${name}`),
  );
}

const OF_USERS = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {app.kubernetes.io/part-of: causeway}}
---
apiVersion: v1
kind: Service
metadata: {name: payments, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: managed, namespace: shop, labels: {app.kubernetes.io/managed-by: causeway}}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: payments-1, namespace: shop, labels: {kubernetes.io/service-name: payments}}
addressType: IPv4
`;

const EXPORT = `
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceExport
metadata: {name: payments, namespace: shop}
`;

const OF_THE_CONTROLLER = `
apiVersion: causeway.dev/v1alpha1
kind: RemoteCluster
metadata: {name: west}
---
apiVersion: v1
kind: Namespace
metadata: {name: causeway-exports-west, labels: {app.kubernetes.io/part-of: causeway}}
---
apiVersion: v1
kind: Service
metadata:
  name: derived-1
  namespace: shop
  labels: {app.kubernetes.io/managed-by: causeway, causeway.dev/service-name: payments}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: imported-1
  namespace: shop
  labels: {app.kubernetes.io/managed-by: causeway, causeway.dev/service-name: payments}
---
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceImport
metadata: {name: payments, namespace: shop, annotations: {app.kubernetes.io/managed-by: causeway}}
`;

test('what was there before is what is there afterwards; of a namespace of users, its label is no reason', async () => {
  server.load(OF_USERS);
  const before = everything();
  await enable();
  server.load(OF_THE_CONTROLLER);
  const disabled = await disable();
  expect(everything()).toEqual(before);
  expect(
    disableTable(disabled, PLAIN),
  ).toBe(`KIND                      NAME                                  CHANGE
ClusterRoleBinding        causeway-controller                   removed
RoleBinding               causeway-exports/causeway-publisher   removed
RoleBinding               causeway-imports/causeway-publisher   removed
RoleBinding               causeway-system/causeway-controller   removed
RemoteCluster             west                                  removed
ServiceImport             shop/payments                         removed
EndpointSlice             shop/imported-1                       removed
Service                   shop/derived-1                        removed
ClusterRoleBinding        causeway-dns                          removed
ClusterRole               causeway-controller                   removed
ClusterRole               causeway-dns                          removed
ClusterRole               causeway-publisher                    removed
ClusterRole               causeway-remote-reader                removed
ClusterRole               causeway-remote-reader-cluster        removed
Namespace                 causeway-exports                      removed
Namespace                 causeway-exports-west                 removed
Namespace                 causeway-imports                      removed
Namespace                 causeway-system                       removed
ClusterProperty           cluster.clusterset.k8s.io             removed
CustomResourceDefinition  exportedservices.causeway.dev         removed
CustomResourceDefinition  remoteclusters.causeway.dev           removed
CustomResourceDefinition  remotenodes.causeway.dev              removed
CustomResourceDefinition  serviceexports.multicluster.x-k8s.io  removed
CustomResourceDefinition  serviceimports.multicluster.x-k8s.io  removed
CustomResourceDefinition  clusterproperties.about.k8s.io        removed

⚠ west: could read this cluster, and has a RemoteCluster for it that finds nobody any more
  → take it away there: causeway disconnect --context <that cluster> <this cluster>
`);
});

test('a dry run removes nothing, and says what the other does', async () => {
  server.load(OF_USERS);
  await enable();
  server.load(OF_THE_CONTROLLER);
  const before = everything();
  const dry = await disable({ dryRun: true });
  expect(everything()).toEqual(before);
  expect({ ...(await disable()), dryRun: true }).toEqual(dry);
});

test('of a cluster that has nothing of it, nothing', async () => {
  server.load(OF_USERS);
  expect(disableTable(await disable(), PLAIN)).toBe(
    'Nothing to remove: there is nothing of Causeway in the cluster.\n',
  );
});

test('ended at any removal, a second run does the rest', async () => {
  server.load(OF_USERS);
  const before = everything();
  for (const removals of [1, 4, 9, 17, 23]) {
    await enable();
    server.load(OF_THE_CONTROLLER);
    const stop = new AbortController();
    let left = removals;
    const unfollow = server.store.follow(({ type }) => {
      if (type === 'DELETED' && --left === 0) stop.abort(new Error('Ctrl-C'));
    });
    await expect(disable({}, stop.signal)).rejects.toThrow('Ctrl-C');
    unfollow();
    await disable();
    expect(everything()).toEqual(before);
  }
});

test('what the controller writes while it loses its right to is removed as well', async () => {
  await enable();
  server.load(OF_THE_CONTROLLER);
  const unfollow = server.store.follow(({ type, record }) => {
    if (type !== 'DELETED' || record.name !== 'derived-1') return;
    unfollow();
    server.put(JSON.parse(record.json));
  });
  await disable();
  expect(server.store.list('/services')).toEqual([]);
});

describe('what users made stays', () => {
  test('ServiceExports, and their definition with them', async () => {
    await enable();
    server.load(EXPORT);
    expect(disableTable(await disable(), PLAIN)).toContain(`
⚠ ServiceExports: 1 ServiceExport of users stays: shop/payments
  → to remove them as well, run this again with --exports
⚠ serviceexports.multicluster.x-k8s.io: stays, because 1 object of it is not Causeway's
`);
    expect(everything()).toEqual([
      'multicluster.x-k8s.io/serviceexports shop/payments',
      'apiextensions.k8s.io/customresourcedefinitions /serviceexports.multicluster.x-k8s.io',
    ]);
    await disable({ exports: true });
    expect(everything()).toEqual([]);
  });

  test('definitions of another program', async () => {
    const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: clusterproperties.about.k8s.io}
spec: {versions: [{name: v1beta1, served: true}, {name: v1alpha1, served: true}]}
---
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata: {name: region.example}
spec: {value: eu}
`;
    server.load(definition);
    const before = everything();
    await enable();
    expect(disableTable(await disable(), PLAIN)).toContain(
      '✓ clusterproperties.about.k8s.io: was installed by another program and stays\n',
    );
    expect(everything()).toEqual(before);
  });
});

test('CoreDNS that still forwards is pointed at, also when the stanza is all that is left', async () => {
  const coreDns = (lines: string) => {
    const metadata = { namespace: 'kube-system', name: 'coredns' };
    server.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: lines } });
  };
  const forwarded = '⚠ CoreDNS: forwards to the address of the DNS daemon, where nobody answers any more\n';
  coreDns('# causeway: begin\n# causeway: end\n');
  expect(disableTable(await disable(), PLAIN)).toContain(forwarded);
  await enable();
  const service = server.store.get('/services', 'causeway-system', 'causeway-dns');
  server.put({ ...service, spec: { ...Object(service?.['spec']), clusterIPs: ['10.96.7.7'] } });
  coreDns('clusterset.local:53 {\n    forward . 10.96.7.7 {\n    }\n}\n');
  expect(disableTable(await disable({ dryRun: true }), PLAIN)).toContain(forwarded);
});

test('what does not go is waited for, and is no success', async () => {
  await enable();
  server.store.follow(({ type, record }) => {
    if (type !== 'DELETED' || record.name !== 'causeway-exports') return;
    const conditions = [
      { type: 'NamespaceContentRemaining', status: 'True', message: 'Some resources are remaining: pods' },
    ];
    server.put({ ...JSON.parse(record.json), status: { phase: 'Terminating', conditions } });
  });
  const { findings } = await disable({ timeout: 400 });
  expect(findings.filter(({ verdict }) => verdict === 'bad')).toEqual([
    {
      check: 'removed',
      about: 'Namespace causeway-exports',
      verdict: 'bad',
      found: 'is still being deleted: Some resources are remaining: pods',
      remedy: 'see kubectl get namespace causeway-exports -o yaml; run this again when it is mended',
    },
  ]);
});

test('where something may not be seen, nothing is removed', async () => {
  await enable();
  const before = everything();
  server.faults.add('list', { status: 403 }, 1, { collection: 'discovery.k8s.io/endpointslices' });
  await expect(disable()).rejects.toThrow('403');
  expect(everything()).toEqual(before);
});
