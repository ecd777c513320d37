import * as v from 'valibot';
import { expect, onTestFinished, test } from 'vitest';
import { chosenChecks, diagnosisOf } from '../../../src/diagnose/diagnosis.ts';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { remoteKubeconfig } from '../../../src/kube/remote-kubeconfig.ts';
import { COMPONENTS } from '../../../src/manifests/choices.ts';
import { baseManifests, definitionManifests } from '../../../src/manifests/deploy.ts';
import { deployFiles } from '../../../src/operate/deploy-files.ts';
import { gatherFacts } from '../../../src/operate/diagnose/gather.ts';
import { PLAIN } from '../../../src/terminal/style.ts';
import { Diagnose, diagnoseTable } from '../../../src/views/diagnose.ts';
import { markOf } from '../../../src/views/finding.ts';
import { ControlledCluster } from '../../kit/controlled-cluster.ts';

const signal = new AbortController().signal;
const SERVICE_IP = '127.0.96.53';
const READ = ['get', 'list', 'watch'];

/** A cluster as `causeway enable` leaves it, as far as a diagnosis looks at it. */
async function enabled(id: string, number: number): Promise<ControlledCluster> {
  const cluster = await ControlledCluster.start(id);
  const { api } = cluster;
  api.pages.set('/version', { status: 200, text: JSON.stringify({ gitVersion: 'v1.34.1' }) });
  const files = await deployFiles();
  for (const manifest of definitionManifests(files)) {
    api.put({ ...manifest, status: { conditions: [{ type: 'Established', status: 'True' }] } });
  }
  const base = { namespace: 'causeway-system', components: COMPONENTS, podFamilies: 'ipv4' } as const;
  for (const manifest of baseManifests(files, { ...base, image: undefined, answer: undefined })) {
    const cluster = manifest.kind === 'Service' ? { clusterIPs: [SERVICE_IP] } : {};
    api.put({
      ...manifest,
      ...('spec' in manifest ? { spec: { ...Object(manifest['spec']), ...cluster } } : {}),
      status: { availableReplicas: 2 },
    });
  }
  api.load(runningObjects());
  const pages = {
    'causeway-system/pods/causeway-controller-0:9353/proxy/debug/remotes':
      '{"version": "0.1.0", "leading": true, "remotes": []}',
    'causeway-system/pods/causeway-dns-0:9353/proxy/debug/mesh':
      '{"version": "0.1.0", "zone": "clusterset.local", "synced": true, "stale": false, "serial": 1, "services": 0, "endpoints": 0}',
    'kube-system/pods/coredns-0:9153/proxy/metrics':
      'coredns_plugin_enabled{name="forward",server="dns://:53",view="",zone="clusterset.local."} 1\n',
  };
  for (const [path, text] of Object.entries(pages)) {
    api.pages.set(`/api/v1/namespaces/${path}`, { status: 200, text });
  }
  api.load(`
apiVersion: v1
kind: Node
metadata: {name: ${id}-1}
spec: {podCIDRs: [10.${number}.0.0/24]}
status: {addresses: [{type: InternalIP, address: 192.168.${number}.1}]}
---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: kubernetes}
spec: {cidrs: [10.1${number}.0.0/16]}
`);
  return cluster;
}

/** What runs, as far as somebody else than `causeway enable` writes it. */
function runningObjects(): string {
  const pod = (namespace: string, name: string, labels: string) => `
apiVersion: v1
kind: Pod
metadata: {namespace: ${namespace}, name: ${name}, labels: {${labels}}}
spec: {containers: [{name: main, image: 'causeway:0.1.0'}]}
status: {conditions: [{type: Ready, status: 'True'}]}`;
  const ours = (component: string) =>
    `app.kubernetes.io/name: causeway, app.kubernetes.io/component: ${component}`;
  return [
    pod('causeway-system', 'causeway-controller-0', ours('controller')),
    pod('causeway-system', 'causeway-dns-0', ours('dns')),
    pod('kube-system', 'coredns-0', 'k8s-app: kube-dns'),
    `
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {namespace: causeway-system, name: causeway-controller}
spec: {holderIdentity: causeway-controller-0, leaseDurationSeconds: 15, renewTime: '${new Date().toISOString()}'}`,
    `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {namespace: causeway-system, name: causeway-dns-a, labels: {kubernetes.io/service-name: causeway-dns}}
ports: [{name: dns, port: 1053, protocol: UDP}, {name: dns-tcp, port: 1053, protocol: TCP}]
endpoints: [{addresses: [127.0.0.9]}]`,
    `
apiVersion: v1
kind: ConfigMap
metadata: {namespace: kube-system, name: coredns}
data:
  Corefile: |
    .:53 {
        kubernetes cluster.local
        reload
    }
    clusterset.local:53 {
        forward . ${SERVICE_IP}
    }`,
  ].join('\n---');
}

/** East imports from west, with a credential that reads what west publishes. */
async function connected(): Promise<{ east: ControlledCluster; west: ControlledCluster }> {
  const [east, west] = await Promise.all([enabled('east', 1), enabled('west', 2)]);
  east.connect(west);
  west.api.reviews.rules = [
    { group: 'causeway.dev', resource: 'exportedservices', verbs: READ, namespace: 'causeway-exports' },
    { group: 'discovery.k8s.io', resource: 'endpointslices', verbs: READ, namespace: 'causeway-exports' },
    { group: 'about.k8s.io', resource: 'clusterproperties', verbs: READ },
    { group: '', resource: 'nodes', verbs: READ },
  ];
  return { east, west };
}

async function diagnosed(...clusters: readonly ControlledCluster[]): Promise<Diagnose> {
  const opened = clusters.map(cluster => {
    const connection = remoteKubeconfig(cluster.kubeconfig());
    const client = new HttpsApiClient(connection, { silence: 4_000 });
    onTestFinished(() => client.close());
    return { context: cluster.id, client, connection };
  });
  const facts = await gatherFacts(opened, 'causeway-system', '0.1.0', signal);
  const found = diagnosisOf(facts, chosenChecks(undefined));
  expect(v.parse(Diagnose, found)).toEqual(found);
  return found;
}

function linesOf({ findings }: Diagnose, ...verdicts: string[]): string[] {
  return findings
    .filter(({ verdict }) => verdicts.includes(verdict))
    .map(({ check, about, verdict, found }) => `${markOf(verdict, PLAIN)} ${check} ${about}: ${found}`);
}

test('two clusters of which one imports from the other', async () => {
  const { east, west } = await connected();
  const found = await diagnosed(east, west);
  expect(linesOf(found, 'bad')).toEqual([]);
  expect(found.clusters).toEqual([
    { context: 'east', server: east.api.url, reached: true },
    { context: 'west', server: west.api.url, reached: true },
  ]);
  const good = linesOf(found, 'good');
  expect(good).toContain('✓ credential.enough east → west: it may read what is published for this cluster');
  expect(good).toContain('✓ credential.narrow east → west: it may do nothing else');
  expect(good).toContain('✓ id.unique east: east, west: each once');
  expect(good).toContain('✓ cidr.across east and west: no range that is known overlaps');
  expect(linesOf(found, 'warning')).toContain(
    '⚠ pair.connected west → east: no RemoteCluster of the first leads to the second (east)',
  );
  expect(diagnoseTable(found, PLAIN)).toMatch(/\n\d+ ✓ {2}\d+ ⚠ {2}0 ✗ {2}\d+ \?\n$/);
});

test('routing agents are found where they run, and one that is not ready is no good agent', async () => {
  const { east } = await connected();
  const agents = (numberReady: number) =>
    east.api.put({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { namespace: 'causeway-agent', name: 'causeway-agent' },
      status: { desiredNumberScheduled: 1, numberReady },
    });
  const told = async () =>
    linesOf(await diagnosed(east), 'good', 'warning', 'bad').filter(line => line.includes('path.agent'));
  agents(1);
  expect(await told()).toEqual(['✓ path.agent east: 1 of 1 are ready']);
  agents(0);
  expect(await told()).toEqual(['✗ path.agent east: 0 of 1 routing agents are ready']);
});

test('a cluster that hangs hides nothing of the other', async () => {
  const { east, west } = await connected();
  west.api.frozen = true;
  const found = await diagnosed(east, west);
  expect(found.clusters.map(({ reached }) => reached)).toEqual([true, false]);
  expect(linesOf(found, 'bad').map(line => line.replace(/: .*/, ''))).toEqual([
    '✗ reach.api east → west',
    '✗ reach.api west',
  ]);
  expect(linesOf(found, 'good')).toContain('✓ id.present east: it is east');
  expect(linesOf(found, 'unknown')).toContain(
    '? credential.enough east → west: its API server gives no answer: see reach.api',
  );
  expect(diagnoseTable(found, PLAIN)).toContain(`\n✗ west could not be reached at ${west.api.url}\n`);
});

test.each([
  {
    what: 'a Secret that is gone',
    spoil: (east: ControlledCluster) =>
      east.api.remove({ kind: 'Secret', metadata: { namespace: 'causeway-system', name: 'west' } }),
    line: '✗ credential.kubeconfig east → west: there is nothing to connect with: there is no Secret causeway-system/west',
  },
  {
    what: 'a Secret without its entry',
    spoil: (east: ControlledCluster) =>
      east.api.load('{kind: Secret, metadata: {namespace: causeway-system, name: west}, data: {}}'),
    line: '✗ credential.kubeconfig east → west: there is nothing to connect with: Secret causeway-system/west has no entry kubeconfig',
  },
  {
    what: 'a kubeconfig that runs programs',
    spoil: (east: ControlledCluster, west: ControlledCluster) => {
      const text = Buffer.from(west.kubeconfig({ exec: { command: 'sh' } })).toString('base64');
      east.api.load(
        `{kind: Secret, metadata: {namespace: causeway-system, name: west}, data: {kubeconfig: ${text}}}`,
      );
    },
    line: '✗ credential.kubeconfig east → west: there is nothing to connect with: kubeconfig of the remote cluster: the user has exec, which is not allowed here; use the token of a service account, or client-certificate-data with client-key-data',
  },
  {
    what: 'a credential that may do everything',
    spoil: (_: ControlledCluster, west: ControlledCluster) => {
      west.api.reviews.rules = [{ group: '*', resource: '*', verbs: ['*'] }];
    },
    line: '✗ credential.narrow east → west: it may do more than read what is published: * *.*; list secrets; get secrets in kube-system; list services; list pods; create pods in default; and 9 more',
  },
  {
    what: 'a definition that is gone',
    spoil: (east: ControlledCluster) =>
      east.api.remove({ kind: 'CustomResourceDefinition', metadata: { name: 'remotenodes.causeway.dev' } }),
    line: '✗ crd.present east: there is no CustomResourceDefinition remotenodes.causeway.dev',
  },
])('$what is the one thing that is wrong', async ({ spoil, line }) => {
  const { east, west } = await connected();
  spoil(east, west);
  expect(linesOf(await diagnosed(east), 'bad')).toEqual([line]);
});

test('a credential that may nothing: what is not known is not good', async () => {
  const { east } = await connected();
  east.api.token = 'another';
  const found = await diagnosed(east);
  expect(found.clusters[0]?.reached).toBe(false);
  expect(linesOf(found, 'bad')).toEqual([
    expect.stringMatching(
      /^✗ reach.api east: it does not answer this credential: could not get \/version at .*: 401 Unauthorized/,
    ),
  ]);
  expect(new Set(linesOf(found, 'good').map(line => line.split(' ')[1]?.split('.')[0]))).toEqual(
    new Set(['reach', 'tls', 'clock']),
  );
});

test('Ctrl-C ends it', async () => {
  const { east } = await connected();
  east.api.frozen = true;
  const connection = remoteKubeconfig(east.kubeconfig());
  const opened = { context: 'east', connection, client: new HttpsApiClient(connection) };
  const ended = new AbortController();
  const gathering = gatherFacts([opened], 'causeway-system', '0.1.0', ended.signal);
  ended.abort(new Error('ended by SIGINT'));
  await expect(gathering).rejects.toThrow('ended by SIGINT');
});
