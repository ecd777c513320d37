import { parseAllDocuments } from 'yaml';
import type { Known } from '../../src/base/known.ts';
import { runningZones } from '../../src/corefile/replica.ts';
import type {
  Answers,
  ClusterFacts,
  ClusterObjects,
  Facts,
  NamespaceRules,
  Objects,
  ReachFacts,
  RemoteAccess,
  RemoteFacts,
  ReplicaFacts,
  TlsFacts,
} from '../../src/diagnose/facts.ts';
import type { Family } from '../../src/diagnose/family.ts';
import { neededOf, operatorRights, REMOTE_RIGHTS, TOO_MUCH, wishText } from '../../src/diagnose/rights.ts';
import type { CoreDnsFacts, CoreDnsReplica } from '../../src/health/facts.ts';
import type { MeshPage } from '../../src/health/pages.ts';
import type { PodObject } from '../../src/objects/pod.ts';
import { PLAIN } from '../../src/terminal/style.ts';
import { markOf } from '../../src/views/finding.ts';

/** The moment of all facts. */
export const NOW = Date.parse('2026-06-01T12:00:00Z');
export const at = (time: string): number => Date.parse(time);

/** Kubernetes objects as they stand in these YAML documents. */
export function objects(yaml: string): { readonly value: readonly object[] } {
  return { value: parseAllDocuments(yaml).map(document => Object(document.toJS())) };
}

const TLS: TlsFacts = {
  version: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  subject: 'CN=kube-apiserver',
  issuer: 'CN=kubernetes',
  authority: 'kubeconfig',
  chainFault: undefined,
  name: 'api.east.example.com',
  nameFits: true,
  names: 'DNS:api.east.example.com, IP Address:10.0.0.1',
  usages: ['1.3.6.1.5.5.7.3.1'],
  begins: at('2026-01-01T00:00:00Z'),
  ends: at('2027-01-01T00:00:00Z'),
};

export function reachOf(change: Partial<ReachFacts> = {}, tls: Partial<TlsFacts> = {}): ReachFacts {
  return {
    server: 'https://api.east.example.com:6443',
    addresses: { value: ['10.0.0.1'] },
    connect: { value: 3 },
    tls: { value: { ...TLS, ...tls } },
    clock: { value: { ahead: 0.1, uncertainty: 0.5 } },
    ...change,
  };
}

export function propertiesOf(id: string): Objects {
  return objects(`
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: ${id}}
---
metadata: {name: clusterset.k8s.io}
spec: {value: shops}
`);
}

/** A node as a cluster of this number has it. */
export function nodesOf(number: number, names = [`node-${number}`]): Objects {
  const documents = names.map(
    (name, index) => `
metadata: {name: ${name}}
spec: {podCIDRs: [10.${number}0.${index}.0/24]}
status: {addresses: [{type: InternalIP, address: 192.168.${number}.${index + 1}}]}
`,
  );
  return objects(documents.join('---'));
}

function serviceCidr(number: number): Objects {
  return objects(`{metadata: {name: kubernetes}, spec: {cidrs: [10.1${number}0.0.0/16]}}`);
}

const PRIVATE = 'causeway-exports-east';
const NEEDED = neededOf(PRIVATE).map(wishText);

/** What deploy/remote-reader grants. */
export function grantedRules(): NamespaceRules[] {
  const reviews = {
    groups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    verbs: ['create'],
  };
  return ['causeway-exports', PRIVATE, 'default'].map(namespace => ({
    namespace,
    incomplete: false,
    rules: [
      reviews,
      ...REMOTE_RIGHTS.filter(({ where }) => where === 'cluster' || namespace !== 'default').map(
        ({ group, resource, verbs }) => ({ groups: [group], resources: [resource], verbs }),
      ),
    ],
  }));
}

export function answers(change: Answers = {}): Answers {
  const yes = NEEDED.map(wish => [wish, true] as const);
  const no = TOO_MUCH.map(wish => [wishText(wish), false] as const);
  return { ...Object.fromEntries([...yes, ...no]), ...change };
}

export function accessOf(change: Partial<RemoteAccess> = {}): RemoteAccess {
  return {
    credential: {
      namespace: PRIVATE,
      kind: 'token',
      life: { value: { from: at('2026-05-20T00:00:00Z'), to: at('2026-06-19T00:00:00Z') } },
    },
    reach: reachOf({ server: 'https://api.west.example.com:6443' }, { name: 'api.west.example.com' }),
    api: { value: 'v1.34.1' },
    rights: { answers: { value: answers() }, rules: { value: grantedRules() } },
    clusterProperties: propertiesOf('west'),
    nodes: nodesOf(2),
    ...change,
  };
}

/** The RemoteCluster west, and what its Secret leads to. */
export function remoteOf(change: Partial<RemoteAccess> = {}, name = 'west'): RemoteFacts {
  return { name, object: remoteCluster(name), access: { value: accessOf(change) } };
}

export function remoteCluster(name: string, conditions: Readonly<Record<string, string>> = {}): object {
  const states = { ControlPlaneReachable: 'True', Synced: 'True', Serving: 'True', ...conditions };
  return {
    apiVersion: 'causeway.dev/v1alpha1',
    kind: 'RemoteCluster',
    metadata: { name },
    spec: { secretRef: { name } },
    status: {
      clusterId: name,
      conditions: Object.entries(states).map(([type, status]) => ({
        type,
        status,
        reason: 'Because',
        message: 'It says so.',
        lastTransitionTime: '2026-05-31T00:00:00Z',
      })),
    },
  };
}

export interface ClusterChange extends Partial<Omit<ClusterFacts, 'objects'>> {
  readonly objects?: Partial<ClusterObjects>;
}

function podOf(name: string, component: string, ip: string): PodObject {
  return {
    kind: 'Pod',
    namespace: 'causeway-system',
    name,
    labels: { 'app.kubernetes.io/name': 'causeway', 'app.kubernetes.io/component': component },
    ip,
    ready: true,
    image: 'causeway:0.1.0',
    restarts: 0,
    terminating: false,
  };
}

export function controllerPod(name: string): ReplicaFacts {
  const page = { value: { version: '0.1.0', leading: true, remotes: [] } };
  return { component: 'controller', pod: podOf(name, 'controller', '10.10.0.8'), page };
}

/** A pod of the DNS daemon; `page` is put over what it says of itself. */
export function dnsPod(
  name: string,
  page: Partial<MeshPage> = {},
  pod: Partial<PodObject> = {},
): ReplicaFacts {
  const said = { version: '0.1.0', zone: 'clusterset.local', synced: true, stale: false };
  const sizes = { serial: 1, services: 0, endpoints: 0 };
  const value = { ...said, ...sizes, ...page };
  return { component: 'dns', pod: { ...podOf(name, 'dns', '10.10.0.9'), ...pod }, page: { value } };
}

/** A pod of CoreDNS that has these plugins at work for the zone. */
export function coreDnsPod(name: string, plugins: readonly string[] = ['errors', 'forward']): CoreDnsReplica {
  const lines = [
    'coredns_plugin_enabled{name="kubernetes",server="dns://:53",view="",zone="cluster.local."} 1',
    ...plugins.map(
      plugin =>
        `coredns_plugin_enabled{name="${plugin}",server="dns://:53",view="",zone="clusterset.local."} 1`,
    ),
  ];
  return { pod: podOf(name, 'coredns', '10.10.0.2'), zones: { value: runningZones(lines.join('\n')) } };
}

export function coreDnsOf(...replicas: readonly CoreDnsReplica[]): Known<CoreDnsFacts> {
  const corefile = { unknown: 'not looked at' };
  return {
    value: {
      replicas: { value: replicas },
      corefile,
      addresses: ['10.110.0.53'],
      clusterDns: ['10.110.0.10'],
    },
  };
}

export const STANZA =
  'clusterset.local:53 {\n    errors\n    forward . 10.110.0.53\n    prometheus :9153\n}\n';
export const PLAIN_COREFILE =
  '.:53 {\n    errors\n    kubernetes cluster.local\n    forward . /etc/resolv.conf\n    reload\n}\n';

export function configMap(name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'kube-system', name }, data };
}

/** What deploy/base and the stanza bring into a cluster. */
function causewayObjects() {
  return {
    corefiles: { value: [configMap('coredns', { Corefile: PLAIN_COREFILE + STANZA })] },
    deployments: objects(`
{metadata: {name: causeway-controller}, spec: {replicas: 2}, status: {availableReplicas: 2}}
---
{metadata: {name: causeway-dns}, spec: {replicas: 2}, status: {availableReplicas: 2}}
`),
    leases: objects(`
metadata: {name: causeway-controller}
spec: {holderIdentity: causeway-controller-0, leaseDurationSeconds: 15, renewTime: '2026-06-01T11:59:58.000000Z'}
`),
    services: objects(`
metadata: {name: causeway-dns}
spec: {clusterIP: 10.110.0.53, clusterIPs: [10.110.0.53], ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]}
`),
    endpointSlices: objects(`
metadata: {name: causeway-dns-a, labels: {kubernetes.io/service-name: causeway-dns}}
ports: [{name: dns, port: 1053, protocol: UDP}, {name: dns-tcp, port: 1053, protocol: TCP}]
endpoints: [{addresses: [10.10.0.9], conditions: {ready: true}}]
`),
    networkPolicies: { value: [] },
  };
}

/** East, which imports from west; all is well. */
export function clusterOf(change: ClusterChange = {}): ClusterFacts {
  const rights = operatorRights('causeway-system').map(wish => [wishText(wish), true] as const);
  return {
    context: 'east',
    reach: reachOf(),
    api: { value: 'v1.34.1' },
    rights: { value: Object.fromEntries(rights) },
    remotes: { value: [remoteOf()] },
    replicas: { value: [controllerPod('causeway-controller-0'), dnsPod('causeway-dns-0')] },
    coreDns: coreDnsOf(coreDnsPod('coredns-0')),
    ...change,
    objects: {
      ...causewayObjects(),
      definitions: { value: [] },
      clusterProperties: propertiesOf('east'),
      nodes: nodesOf(1),
      serviceCidrs: serviceCidr(1),
      ...change.objects,
    },
  };
}

/** West, which imports from nobody. */
export function westOf(change: ClusterChange = {}): ClusterFacts {
  return clusterOf({
    context: 'west',
    remotes: { value: [] },
    ...change,
    objects: {
      clusterProperties: propertiesOf('west'),
      nodes: nodesOf(2),
      serviceCidrs: serviceCidr(2),
      ...change.objects,
    },
  });
}

export function factsOf(...clusters: readonly ClusterFacts[]): Facts {
  const all = clusters.length === 0 ? [clusterOf()] : clusters;
  return { now: NOW, version: '0.1.0', namespace: 'causeway-system', definitions: [], clusters: all };
}

/** Everything a family says, a line each: `✗ tls.name east: …`. */
export function said({ judge }: Family, facts: Facts): string[] {
  return judge(facts).map(
    ({ check, about, verdict, found }) => `${markOf(verdict, PLAIN)} ${check} ${about}: ${found}`,
  );
}

/** The same without what is good. */
export function complaints(family: Family, facts: Facts): string[] {
  return said(family, facts).filter(line => !line.startsWith('✓'));
}
