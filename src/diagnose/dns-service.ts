import * as v from 'valibot';
import type { Known } from '../base/known.ts';
import { SERVICE_NAME } from '../objects/names.ts';
import type { Diagnosis } from '../views/diagnose.ts';
import type { ClusterFacts, Facts, Objects } from './facts.ts';
import { family, type Say } from './family.ts';
import { mapped, read } from './known.ts';
import { allowing, Policy } from './network-policy.ts';

const Service = v.object({
  metadata: v.object({ name: v.string() }),
  spec: v.object({
    ports: v.nullish(
      v.array(
        v.object({
          port: v.number(),
          protocol: v.nullish(v.string(), 'TCP'),
        }),
      ),
      [],
    ),
  }),
});
const Slice = v.object({
  metadata: v.object({ labels: v.nullish(v.record(v.string(), v.string())) }),
  ports: v.nullish(
    v.array(v.object({ port: v.nullish(v.number()), protocol: v.nullish(v.string(), 'TCP') })),
    [],
  ),
  endpoints: v.nullish(
    v.array(
      v.object({
        addresses: v.array(v.string()),
        conditions: v.nullish(v.object({ ready: v.nullish(v.boolean(), true) })),
      }),
    ),
    [],
  ),
});

/** Of the Service in front of `causeway dns`, and of its Deployment. */
const NAME = 'causeway-dns';
export const PROTOCOLS = ['UDP', 'TCP'] as const;
type Protocol = (typeof PROTOCOLS)[number];

const BOTH =
  'Large answers, NodeLocal DNSCache and CoreDNS with force_tcp need TCP; all else comes over UDP.';
const ANEW = 'Run `causeway enable` again, or apply deploy/base with --server-side.';

const checks = {
  'dns.service': 'the Service of the DNS daemon has port 53 over UDP and TCP',
  'dns.endpoints': 'a daemon that is ready stands behind both ports',
  'dns.policy': 'NetworkPolicies let everybody ask over UDP and TCP',
} as const;

const messages = {
  DNS_SERVICE_MISSING: {
    check: 'dns.service',
    verdict: 'bad',
    found: 'there is no Service causeway-dns in namespace {namespace}',
    cause:
      'Causeway was not enabled in this cluster, runs in another namespace, or somebody deleted the Service.',
    cure: `${ANEW} It gets another ClusterIP then: run \`causeway coredns install\` as well.`,
  },
  DNS_PORT_MISSING: {
    check: 'dns.service',
    verdict: 'bad',
    found: 'the Service causeway-dns has no port 53 over {protocol}',
    cause: 'Plain `kubectl apply` compares ports by their number alone, and leaves one of two ports 53 out.',
    cure: `${BOTH} ${ANEW}`,
  },
  DNS_NO_ENDPOINTS: {
    check: 'dns.endpoints',
    verdict: 'bad',
    found: 'no daemon that is ready stands behind the Service over {protocol}',
    cause:
      'No pod is ready, the selector of the Service fits none, or the port of the pods has another name.',
    cure: 'See component.available; compare the selector and targetPort of the Service with the pods.',
  },
  DNS_POLICY_CLOSED: {
    check: 'dns.policy',
    verdict: 'bad',
    found:
      'no NetworkPolicy lets anybody ask the daemon over {protocol}, on port {port}; {policies} keep it closed',
    cause: 'A policy that denies everything was added to the namespace, or one of ours was changed.',
    cure: `${BOTH} Add an ingress rule for that port; deploy/base/network-policies.yaml has one.`,
  },
  DNS_POLICY_NARROW: {
    check: 'dns.policy',
    verdict: 'warning',
    found: 'NetworkPolicies let only some ask the daemon over {protocol}, on port {port}',
    cause: 'The rule for that port has a `from`.',
    cure: 'Make sure that CoreDNS is among them, and the nodes where NodeLocal DNSCache runs: no selector of pods fits those.',
  },
} as const;

type DnsSay = Say<keyof typeof checks, typeof messages>;

export const dnsService = family({
  name: 'dns',
  about: 'the Service in front of the DNS daemon: port 53 over UDP and TCP, all the way to the pods',
  checks,
  messages,
  *judge(facts, say) {
    for (const cluster of facts.clusters) {
      yield* service(cluster, facts, say);
      yield* endpoints(cluster, say);
      yield* policies(cluster, facts, say);
    }
  },
});

function serviceIn(services: ClusterFacts['objects']['services']) {
  return mapped(read(Service, services), list => list.find(({ metadata }) => metadata.name === NAME));
}

function* service(
  { context, objects }: ClusterFacts,
  { namespace }: Facts,
  say: DnsSay,
): Generator<Diagnosis> {
  const found = serviceIn(objects.services);
  if ('unknown' in found) {
    yield say.unknown('dns.service', context, found.unknown);
    return;
  }
  if (found.value === undefined) {
    yield say.wrong('DNS_SERVICE_MISSING', context, { namespace });
    return;
  }
  const { ports } = found.value.spec;
  for (const protocol of PROTOCOLS) {
    yield ports.some(one => one.port === 53 && one.protocol === protocol)
      ? say.good('dns.service', context, `it has port 53 over ${protocol}`)
      : say.wrong('DNS_PORT_MISSING', context, { protocol });
  }
}

/** Where every daemon listens that is ready behind the Service. */
export function targetsIn(
  endpointSlices: Objects,
  protocol: Protocol,
): Known<{ readonly address: string; readonly port: number }[]> {
  return mapped(read(Slice, endpointSlices), slices =>
    slices
      .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME] === NAME)
      .flatMap(({ ports, endpoints: list }) =>
        ports
          .filter(one => one.protocol === protocol)
          .flatMap(({ port }) =>
            list
              .filter(({ conditions }) => conditions?.ready !== false)
              .flatMap(({ addresses: [address] }) => (address && port ? [{ address, port }] : [])),
          ),
      ),
  );
}

function* endpoints(cluster: ClusterFacts, say: DnsSay): Generator<Diagnosis> {
  for (const protocol of PROTOCOLS) {
    const targets = targetsIn(cluster.objects.endpointSlices, protocol);
    if ('unknown' in targets) yield say.unknown('dns.endpoints', cluster.context, targets.unknown);
    else if (targets.value.length === 0) yield say.wrong('DNS_NO_ENDPOINTS', cluster.context, { protocol });
    else
      yield say.good(
        'dns.endpoints',
        cluster.context,
        `over ${protocol}: ${targets.value.map(({ address, port }) => `${address} port ${port}`).join(', ')}`,
      );
  }
}

function* policies(
  { context, objects, replicas }: ClusterFacts,
  { namespace }: Facts,
  say: DnsSay,
): Generator<Diagnosis> {
  const found = read(Policy, objects.networkPolicies);
  const pod =
    'unknown' in replicas ? undefined : replicas.value.find(({ component }) => component === 'dns')?.pod;
  if ('unknown' in found || 'unknown' in replicas || pod === undefined) {
    const reason =
      'unknown' in found
        ? found.unknown
        : 'unknown' in replicas
          ? replicas.unknown
          : 'there is no pod of the DNS daemon';
    yield say.unknown('dns.policy', context, reason);
    return;
  }
  for (const protocol of PROTOCOLS) {
    const port = portOf(objects, protocol);
    const { open, policies: names } = allowing(found.value, pod.labels, {
      protocol,
      port,
      name: nameOf(protocol),
    });
    const values = { protocol, port, policies: names.join(', '), namespace };
    if (open === 'everybody')
      yield say.good('dns.policy', context, `everybody may ask over ${protocol}, on port ${port}`);
    else if (open === 'some') yield say.wrong('DNS_POLICY_NARROW', context, values);
    else yield say.wrong('DNS_POLICY_CLOSED', context, values);
  }
}

/** The port of the pods that the Service leads to: what policies are about. */
function portOf(objects: ClusterFacts['objects'], protocol: Protocol): number {
  const slices = read(Slice, objects.endpointSlices);
  const port = ('unknown' in slices ? [] : slices.value)
    .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME] === NAME)
    .flatMap(({ ports }) => ports)
    .find(one => one.protocol === protocol)?.port;
  return port ?? DEFAULT_PORT;
}

/** In deploy/base. */
const DEFAULT_PORT = 1053;
function nameOf(protocol: Protocol): string {
  return protocol === 'UDP' ? 'dns' : 'dns-tcp';
}
