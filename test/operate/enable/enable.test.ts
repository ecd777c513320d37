import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { deployFiles } from '../../../src/operate/deploy-files.ts';
import { type EnableOptions, enableCluster } from '../../../src/operate/enable/enable.ts';
import type { Step } from '../../../src/operate/step.ts';
import { PLAIN } from '../../../src/terminal/style.ts';
import type { Enable } from '../../../src/views/enable.ts';
import { enableTable } from '../../../src/views/enable.ts';
import { ApiServer } from '../../kit/api-server.ts';
import { runningDeployments } from '../../kit/running-deployments.ts';

const files = await deployFiles();
const OPTIONS: EnableOptions = {
  clusterId: 'east',
  clusterset: 'shops',
  namespace: 'causeway-system',
  components: ['dns', 'controller'],
  podFamilies: 'ipv4',
  image: undefined,
  answer: undefined,
  serviceCidrs: [],
  podCidrs: ['10.10.0.0/16'],
  replaceDefinitions: false,
  dryRun: false,
  timeout: 10_000,
};

let server: ApiServer;
let client: HttpsApiClient;

beforeEach(async () => {
  server = await new ApiServer().start();
  client = new HttpsApiClient(server.connection());
  server.load(CONTROL_PLANE);
});
afterEach(() => server.end());

/** As kind and kubeadm have it. */
const CONTROL_PLANE = `
apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver-node-1
  namespace: kube-system
  labels: {component: kube-apiserver, tier: control-plane}
spec:
  containers:
    - name: kube-apiserver
      command: [kube-apiserver, --secure-port=6443, '--service-cluster-ip-range=10.96.0.0/16,fd00::/108']
`;

async function enable(options: Partial<EnableOptions> = {}, signal = new AbortController().signal) {
  const steps: string[] = [];
  const step: Step = (title, work) => {
    steps.push(title);
    return work(text => steps.push(`${title}: ${text}`));
  };
  const cluster = { context: 'east', client };
  const enabled = await enableCluster(cluster, files, { ...OPTIONS, ...options }, { step, signal });
  return { enabled, steps };
}

function changes({ objects }: Enable): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { change } of objects) counts[change] = (counts[change] ?? 0) + 1;
  return counts;
}

describe('a cluster that has nothing of it', () => {
  test('gets everything, and the operator the next command', async () => {
    runningDeployments(server);
    const { enabled } = await enable();
    expect(
      enableTable(enabled, PLAIN),
    ).toBe(`KIND                      NAME                                  CHANGE
CustomResourceDefinition  clusterproperties.about.k8s.io        created
CustomResourceDefinition  exportedservices.causeway.dev         created
CustomResourceDefinition  remoteclusters.causeway.dev           created
CustomResourceDefinition  remotenodes.causeway.dev              created
CustomResourceDefinition  serviceexports.multicluster.x-k8s.io  created
CustomResourceDefinition  serviceimports.multicluster.x-k8s.io  created
ClusterProperty           cluster.clusterset.k8s.io             created
ClusterProperty           clusterset.k8s.io                     created
ClusterProperty           service-cidrs.causeway.dev            created
ClusterProperty           pod-cidrs.causeway.dev                created
Namespace                 causeway-system                       created
Namespace                 causeway-exports                      created
Namespace                 causeway-imports                      created
ServiceAccount            causeway-system/causeway-controller   created
ServiceAccount            causeway-system/causeway-dns          created
ClusterRole               causeway-controller                   created
ClusterRole               causeway-publisher                    created
ClusterRole               causeway-dns                          created
ClusterRole               causeway-remote-reader                created
ClusterRole               causeway-remote-reader-cluster        created
Role                      causeway-system/causeway-controller   created
ClusterRoleBinding        causeway-controller                   created
ClusterRoleBinding        causeway-dns                          created
RoleBinding               causeway-exports/causeway-publisher   created
RoleBinding               causeway-imports/causeway-publisher   created
RoleBinding               causeway-system/causeway-controller   created
NetworkPolicy             causeway-system/causeway-dns          created
NetworkPolicy             causeway-system/causeway-controller   created
PodDisruptionBudget       causeway-system/causeway-dns          created
Service                   causeway-system/causeway-dns          created
Deployment                causeway-system/causeway-controller   created
Deployment                causeway-system/causeway-dns          created

✓ Kubernetes: is v1.34.2
✓ your credential: may do all that is needed
✓ addresses of services: 10.96.0.0/16, fd00::/108 (--service-cluster-ip-range of kube-apiserver)
✓ addresses of pods: 10.10.0.0/16 (--pod-cidr)
✓ causeway-dns: 2 of 2 pods ready
✓ causeway-controller: 2 of 2 pods ready

Next: causeway connect --context east --destination-context <another>
`);
    expect(
      server.store.get('about.k8s.io/clusterproperties', '', 'service-cidrs.causeway.dev'),
    ).toMatchObject({
      spec: { value: '10.96.0.0/16,fd00::/108' },
    });
  });

  test('a second run changes nothing, blocks that were given before included', async () => {
    runningDeployments(server);
    await enable();
    const before = server.store.revision;
    const { enabled } = await enable({ podCidrs: [] });
    expect(changes(enabled)).toEqual({ unchanged: 32 });
    expect(server.store.revision).toBe(before);
    expect(enableTable(enabled, PLAIN)).toContain('✓ addresses of pods: 10.10.0.0/16 (as recorded before)\n');
  });

  test('a dry run writes nothing', async () => {
    const before = server.store.revision;
    const { enabled, steps } = await enable({ dryRun: true });
    expect(changes(enabled)).toEqual({ created: 32 });
    expect(enabled.next).toBeUndefined();
    expect(server.store.revision).toBe(before);
    expect(steps.filter(title => !title.includes(': '))).toEqual([
      'Check the cluster',
      'Compare definitions',
      'Compare who the cluster is',
      'Compare permissions and workloads',
    ]);
    const text = enableTable(enabled, PLAIN);
    expect(text.match(/ to be created\n/g)).toHaveLength(32);
    expect(text).toMatch(/\n\nNothing was changed: this was a dry run\.\n$/);
  });

  test('what somebody changed is changed back, and a dry run says so before', async () => {
    runningDeployments(server);
    await enable();
    const service = server.store.get('/services', 'causeway-system', 'causeway-dns');
    server.put({ ...service, spec: { ...Object(service?.['spec']), selector: { app: 'mine' } } });
    const changed = [
      { kind: 'Service', namespace: 'causeway-system', name: 'causeway-dns', change: 'changed' },
    ];
    for (const dryRun of [true, false]) {
      const { enabled } = await enable({ dryRun });
      expect(enabled.objects.filter(({ change }) => change !== 'unchanged')).toEqual(changed);
    }
    expect(changes((await enable()).enabled)).toEqual({ unchanged: 32 });
  });

  test('ended at any write, a second run does the rest', async () => {
    runningDeployments(server);
    for (const round of [1, 2, 3, 4]) {
      let left = round + 4;
      const stop = new AbortController();
      const unfollow = server.store.follow(() => {
        if (--left === 0) stop.abort(new Error('Ctrl-C'));
      });
      await expect(enable({}, stop.signal)).rejects.toThrow('Ctrl-C');
      unfollow();
    }
    const { enabled } = await enable();
    expect(enabled.next).toMatch(/^causeway connect/);
    expect(changes((await enable()).enabled)).toEqual({ unchanged: 32 });
  });
});

describe('nothing is written', () => {
  test.each<{ what: string; given: () => void; options?: Partial<EnableOptions>; bad: string[] }>([
    {
      what: 'without the rights to',
      given: () => {
        const groups = ['', 'apps', 'rbac.authorization.k8s.io', 'networking.k8s.io', 'apiextensions.k8s.io'];
        const all = [...groups, 'about.k8s.io'].map(group => ({ group, resource: '*', verbs: ['*'] }));
        server.reviews.rules = [...all, { group: 'policy', resource: '*', verbs: ['get'] }];
      },
      bad: ['your credential: may not create, patch poddisruptionbudgets.policy in causeway-system'],
    },
    {
      what: 'to a cluster with another id',
      given: () =>
        server.load(`
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: north}
`),
      bad: [
        'ClusterProperty cluster.clusterset.k8s.io: is "north" already, not "east"; it holds for as long as the cluster is in the set',
      ],
    },
    {
      what: 'to an old cluster',
      given: () => server.pages.set('/version', { status: 200, text: '{"gitVersion": "v1.28.0"}' }),
      bad: ['Kubernetes: is v1.28.0, and Causeway needs 1.30 or newer'],
    },
    {
      what: 'where another Causeway runs',
      given: () =>
        server.load(`
apiVersion: apps/v1
kind: Deployment
metadata:
  name: causeway-dns
  namespace: mesh
  labels: {app.kubernetes.io/part-of: causeway, app.kubernetes.io/version: 0.1.0}
`),
      bad: ['Causeway: runs in namespace mesh already'],
    },
    {
      what: 'into a namespace of somebody else',
      given: () => server.load('apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n'),
      options: { namespace: 'default' },
      bad: ["namespace default: is there already and not marked as Causeway's"],
    },
    {
      what: 'beside definitions that will not do',
      given: () =>
        server.load(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: serviceexports.multicluster.x-k8s.io}
spec: {versions: [{name: v1alpha1, served: true}]}
`),
      bad: [
        'serviceexports.multicluster.x-k8s.io: is installed by another program and does not serve v1beta1, which Causeway needs',
      ],
    },
  ])('$what', async ({ given, options, bad }) => {
    given();
    const before = server.store.revision;
    const { enabled } = await enable(options);
    const found = enabled.findings.filter(({ verdict }) => verdict === 'bad');
    expect(found.map(finding => `${finding.about}: ${finding.found}`)).toEqual(bad);
    expect([enabled.objects, enabled.next, server.store.revision]).toEqual([[], undefined, before]);
  });
});

test('definitions of another program that will do are left to it', async () => {
  runningDeployments(server);
  server.load(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: serviceexports.multicluster.x-k8s.io
  labels: {multicluster.x-k8s.io/release-version: v0.9.0}
spec: {versions: [{name: v1alpha1, served: true}, {name: v1beta1, served: true}]}
`);
  const { enabled } = await enable();
  expect(enabled.objects.map(({ name }) => name)).not.toContain('serviceexports.multicluster.x-k8s.io');
  expect(enabled.next).toBeDefined();
});

test('a workload that does not come up is waited for, says why, and is no success', async () => {
  server.pages.set('/api/v1/namespaces/causeway-system/pods/causeway-dns-1/log?previous=true&tailLines=1', {
    status: 200,
    text: 'no route to the API server\n',
  });
  server.load(`
apiVersion: v1
kind: Pod
metadata:
  name: causeway-dns-1
  namespace: causeway-system
  labels: {app.kubernetes.io/name: causeway, app.kubernetes.io/component: dns}
spec: {containers: []}
status: {containerStatuses: [{state: {waiting: {reason: CrashLoopBackOff}}}]}
`);
  const { enabled, steps } = await enable({ components: ['dns'], timeout: 600 });
  const blocked = '0 of 2 pods ready; causeway-dns-1: CrashLoopBackOff: no route to the API server';
  expect(steps).toContain(`Wait for causeway-dns: ${blocked}`);
  expect(enabled.findings.at(-1)).toEqual({
    check: 'component.dns',
    about: 'causeway-dns',
    verdict: 'bad',
    found: `is not ready after 0.6 s: ${blocked}`,
    remedy:
      'see kubectl -n causeway-system describe pods -l app.kubernetes.io/component=dns; run this again when it is mended',
  });
  expect(enabled.next).toBeUndefined();
});
