import type { Known } from '../../src/base/known.ts';
import type { CoreDnsReplica } from '../../src/corefile/facts.ts';
import { type CorefilePlace, placesIn } from '../../src/corefile/places.ts';
import { runningCoreDns } from '../../src/corefile/replica.ts';
import type { Answer, ControllerReplica, DnsReplica, StatusFacts } from '../../src/health/facts.ts';
import type { ControllerPage, MeshPage } from '../../src/health/pages.ts';
import type { PodObject } from '../../src/objects/pod.ts';
import type { Condition, RemoteClusterObject } from '../../src/objects/shapes.ts';
import type { Status } from '../../src/views/status.ts';

/** When all of it was looked at. */
export const NOW = Date.parse('2026-03-01T12:00:00Z');
const SINCE = '2026-03-01T08:00:00Z';

const OK: Answer = { answered: true, status: 200, text: 'ok\n' };

export function pod(name: string, fields: Partial<PodObject> = {}): PodObject {
  return {
    kind: 'Pod',
    namespace: 'causeway-system',
    name,
    labels: {},
    node: 'node-1',
    ip: '10.0.0.1',
    ready: true,
    since: SINCE,
    image: 'registry.example/causeway:0.1.0',
    restarts: 0,
    terminating: false,
    ...fields,
  };
}

const CONDITIONS = { ControlPlaneReachable: 'Answering', Synced: 'Synced', Serving: 'Serving' } as const;

/** Of a remote cluster with which all is well, but for what is given as `STATUS Reason: message`. */
export function conditions(others: Partial<Record<keyof typeof CONDITIONS, string>> = {}): Condition[] {
  return Object.entries({ ...CONDITIONS, ...others }).map(([type, text]) => {
    const [, status = 'True', reason = text, message = 'All is well.'] =
      /^(\w+) (\w+): (.*)$/.exec(text) ?? [];
    return { type, status: status as Condition['status'], reason, message, lastTransitionTime: SINCE };
  });
}

export function remote(name: string, held: readonly Condition[] = conditions()): RemoteClusterObject {
  return {
    kind: 'RemoteCluster',
    name,
    uid: `u-${name}`,
    generation: 1,
    labels: {},
    secretName: name,
    secretKey: 'kubeconfig',
    overlayRoutingMode: 'Enabled',
    encryption: 'Off',
    namespaces: [],
    status: { clusterId: name, services: 2, conditions: held },
  };
}

export function controllerPage(fields: Partial<ControllerPage> = {}): ControllerPage {
  return {
    version: '0.1.0',
    leading: true,
    queue: { ready: 0, running: 0, delayed: 0, failing: 0 },
    remotes: [told('west')],
    ...fields,
  };
}

/** What the leading controller tells of a remote cluster. */
export function told(
  name: string,
  fields: Partial<ControllerPage['remotes'][number]> = {},
): ControllerPage['remotes'][number] {
  return {
    name,
    services: 2,
    endpoints: 5,
    credentialEnds: '2026-03-25T00:00:00.000Z',
    lag: { last: 34.2, waiting: 0 },
    conditions: conditions(),
    ...fields,
  };
}

export function controller(name: string, page: Known<ControllerPage>): ControllerReplica {
  const conflicts = {
    value: { conflicts: [], invalidExports: [], unreadyExports: [], partlyIgnoredExports: [] },
  };
  return { pod: pod(name), readiness: OK, page, conflicts };
}

export function meshPage(fields: Partial<MeshPage> = {}): MeshPage {
  return {
    version: '0.1.0',
    zone: 'clusterset.local',
    synced: true,
    stale: false,
    serial: 7,
    localCluster: 'east',
    services: 12,
    endpoints: 40,
    ...fields,
  };
}

export function dns(name: string, fields: Partial<MeshPage> = {}): DnsReplica {
  return { pod: pod(name, { node: 'node-2' }), readiness: OK, page: { value: meshPage(fields) } };
}

const having = (plugins: readonly string[]) => (zone: string) =>
  plugins.map(name => `coredns_plugin_enabled{name="${name}",server="dns://:53",view="",zone="${zone}."} 1`);

/** A replica of CoreDNS that runs with these zones, and has these plugins at work in each. */
export function coreDns(
  name: string,
  zones: readonly string[],
  plugins: readonly string[] = ['forward', 'errors'],
): CoreDnsReplica {
  return {
    pod: pod(name, { namespace: 'kube-system', image: 'registry.example/coredns:1.12' }),
    corefile: 'kube-system/coredns',
    running: { value: runningCoreDns(zones.flatMap(having(plugins)).join('\n')) },
  };
}

export const STANZA = `.:53 {
    kubernetes cluster.local
    prometheus :9153
    reload
}
clusterset.local:53 {
    errors
    forward . 10.96.0.53
    prometheus :9153
}
`;

/** The ConfigMap of a stock CoreDNS. */
export function stockCorefile(Corefile: string): readonly CorefilePlace[] {
  return placesIn([{ namespace: 'kube-system', name: 'coredns', data: { Corefile } }]);
}

/** What cannot be asked. */
export const SILENT: Answer = { answered: false, asked: true, reason: 'connection refused' };

/** A cluster with which all is well. */
export function wellFacts(): StatusFacts {
  return {
    context: 'kind-east',
    server: 'https://10.1.0.1:6443',
    namespace: 'causeway-system',
    kubernetes: 'v1.34.2',
    time: NOW,
    id: { value: 'east' },
    clusterSet: { value: 'prod' },
    lostNamespaces: { value: [] },
    controller: {
      wanted: { value: 2 },
      replicas: {
        value: [
          controller('causeway-controller-1', { value: controllerPage() }),
          controller('causeway-controller-2', {
            value: controllerPage({ leading: false, queue: undefined }),
          }),
        ],
      },
    },
    dns: { wanted: { value: 2 }, replicas: { value: [dns('causeway-dns-1'), dns('causeway-dns-2')] } },
    lease: { value: { holder: 'causeway-controller-1', renewed: NOW - 2_000, duration: 15_000 } },
    remotes: { value: [remote('west')] },
    remoteNodes: { value: new Map() },
    coreDns: {
      replicas: { value: [coreDns('coredns-1', ['.', 'clusterset.local'])] },
      places: stockCorefile(STANZA),
      unread: [],
      addresses: { value: ['10.96.0.53'] },
      clusterDns: ['10.96.0.10'],
    },
  };
}

/** `verdict check about: found`, of all that is not good. */
export function troubles({ findings }: Status): string[] {
  return findings
    .filter(({ verdict }) => verdict !== 'good')
    .map(({ verdict, check, about, found }) => `${verdict} ${check} ${about}: ${found}`);
}

/** Just these controllers, each of them wanted. */
export function replicas(...value: readonly ControllerReplica[]): Partial<StatusFacts> {
  return { controller: { wanted: { value: value.length }, replicas: { value } } };
}

/** One controller, which leads and says this. */
export function leading(page: Partial<ControllerPage>): Partial<StatusFacts> {
  return replicas(controller('causeway-controller-1', { value: controllerPage(page) }));
}

/** What nobody may ask. */
export const FORBIDDEN = { answered: false, asked: false, reason: '403 Forbidden' } as const satisfies Answer;
