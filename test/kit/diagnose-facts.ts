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
  TlsFacts,
} from '../../src/diagnose/facts.ts';
import type { Family } from '../../src/diagnose/family.ts';
import { neededOf, operatorRights, REMOTE_RIGHTS, TOO_MUCH, wishText } from '../../src/diagnose/rights.ts';
import { PLAIN } from '../../src/terminal/style.ts';
import { markOf } from '../../src/views/finding.ts';
import {
  causewayObjects,
  controllerPod,
  coreDnsOf,
  coreDnsPod,
  dnsPod,
  objects,
  probe,
} from './diagnose-running.ts';

/** The moment of all facts. */
export const NOW = Date.parse('2026-06-01T12:00:00Z');
export const at = (time: string): number => Date.parse(time);

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
    coreDns: coreDnsOf([coreDnsPod('coredns-0')]),
    probes: { value: [probe('10.110.0.53 port 53')] },
    largest: { value: undefined },
    ...change,
    objects: {
      ...causewayObjects(),
      definitions: { value: [] },
      clusterProperties: propertiesOf('east'),
      nodes: nodesOf(1),
      serviceCidrs: serviceCidr(1),
      daemonSets: { value: [] },
      remoteNodes: { value: [] },
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
