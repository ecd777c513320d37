import { parseAllDocuments } from 'yaml';
import type { Known } from '../../src/base/known.ts';
import type { CoreDnsFacts, CoreDnsReplica } from '../../src/corefile/facts.ts';
import { placesIn, type TextMap } from '../../src/corefile/places.ts';
import { runningCoreDns } from '../../src/corefile/replica.ts';
import type { Probe, ReplicaFacts } from '../../src/diagnose/facts.ts';
import type { MeshPage } from '../../src/health/pages.ts';
import type { PodObject } from '../../src/objects/pod.ts';

/** Kubernetes objects as they stand in these YAML documents. */
export function objects(yaml: string): { readonly value: readonly object[] } {
  return { value: parseAllDocuments(yaml).map(document => Object(document.toJS())) };
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
  const conflicts = {
    value: { conflicts: [], invalidExports: [], unreadyExports: [], partlyIgnoredExports: [] },
  };
  const readiness = { answered: true, status: 200, text: 'ok' } as const;
  const pod = podOf(name, 'controller', '10.10.0.8');
  return { component: 'controller', pod, readiness, page, conflicts };
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
  const running = { value: runningCoreDns(lines.join('\n')) };
  return { pod: podOf(name, 'coredns', '10.10.0.2'), corefile: 'kube-system/coredns', running };
}

/** What a daemon answered over UDP and TCP. */
export function probe(target: string, change: Partial<Probe> = {}): Probe {
  const answer = { rcode: 'NOERROR', records: 0, milliseconds: 2 };
  const udp = { value: { ...answer, transport: 'udp' as const } };
  return { target, udp, tcp: { value: { ...answer, transport: 'tcp' } }, ...change };
}

export const STANZA =
  'clusterset.local:53 {\n    errors\n    forward . 10.110.0.53\n    prometheus :9153\n}\n';
export const PLAIN_COREFILE =
  '.:53 {\n    errors\n    kubernetes cluster.local\n    forward . /etc/resolv.conf\n    reload\n}\n';

export function configMap(name: string, data: Readonly<Record<string, string>>): TextMap {
  return { namespace: 'kube-system', name, data };
}

export function coreDnsOf(
  replicas: readonly CoreDnsReplica[],
  maps: readonly TextMap[] = [configMap('coredns', { Corefile: PLAIN_COREFILE + STANZA })],
): Known<CoreDnsFacts> {
  return {
    value: {
      replicas: { value: replicas },
      places: placesIn(maps),
      unread: [],
      addresses: { value: ['10.110.0.53'] },
      clusterDns: ['10.110.0.10'],
    },
  };
}

/** What deploy/base and the stanza bring into a cluster. */
export function causewayObjects() {
  return {
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
