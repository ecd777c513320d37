import fc from 'fast-check';
import { parseAddress } from '../../src/base/ip.ts';
import type {
  Affinity,
  Backends,
  Exported,
  Protocol,
  ServicePort,
  SharedAs,
} from '../../src/objects/shapes.ts';

/** All members of a union, one of which is left out nowhere: the compiler counts them. */
function every<T extends string>(members: Readonly<Record<T, true>>): fc.Arbitrary<T> {
  return fc.constantFrom(...(Object.keys(members) as T[]));
}

/** Whole numbers of which the least and the most come often. */
function between(min: number, max: number): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max }));
}

const edge = fc.constantFrom('a', '0', 'a-0', 'a'.repeat(63));
const label = fc.oneof(edge, fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/));
const clusterId = fc.oneof(label, fc.constantFrom('a.b', `${'a'.repeat(31)}.${'b'.repeat(31)}`));
const key = fc.oneof(
  fc.constantFrom('app.kubernetes.io/name', `${'a'.repeat(253)}/${'B'.repeat(63)}`),
  fc.stringMatching(/^([a-z]{1,9}\.example\/)?[A-Za-z]([A-Za-z0-9._-]{0,20}[a-z])?$/),
);
const labelValue = fc.oneof(
  fc.constantFrom('', 'A'.repeat(63)),
  fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[a-z])?$/),
);
const someLabels = fc.dictionary(key, labelValue, { maxKeys: 64, noNullPrototype: true });
const allLabels = full(64, index => [`l${index}`, 'A'.repeat(63)] as const).map(entries =>
  Object.fromEntries(entries),
);
const labels = fc.oneof(someLabels, allLabels);
const annotations = fc.oneof(
  fc.dictionary(key, fc.string(), { maxKeys: 64, noNullPrototype: true }),
  fc.constant({ a: 'x'.repeat(16_383) }),
);
const usable = fc
  .oneof(
    fc.constantFrom('10.0.0.1', '192.0.2.255', 'fd00::1'),
    fc.integer({ min: 0, max: 255 }).map(host => `10.1.2.${host}`),
  )
  .map(text => parseAddress(text) ?? '');

const port: fc.Arbitrary<ServicePort> = fc.record(
  {
    name: fc.oneof(fc.constant(''), label),
    protocol: every<Protocol>({ TCP: true, UDP: true, SCTP: true }),
    port: between(1, 65_535),
    appProtocol: fc.constantFrom('http', 'kubernetes.io/h2c', `${'a'.repeat(253)}/${'B'.repeat(63)}`),
  },
  { requiredKeys: ['name', 'protocol', 'port'], noNullPrototype: true },
);

/** As many as there may be: what is drawn at random hardly ever is. */
function full<T>(count: number, item: (index: number) => T): fc.Arbitrary<T[]> {
  return fc.constant(Array.from({ length: count }, (_, index) => item(index)));
}

/** No API server lets a name, or a number of a protocol, appear twice. */
const somePorts = fc
  .uniqueArray(port, { selector: ({ name }) => name, maxLength: 100 })
  .map(list =>
    list.filter(
      (one, index) =>
        list.findIndex(({ port, protocol }) => port === one.port && protocol === one.protocol) === index,
    ),
  );

const ports = fc.oneof(
  somePorts,
  full(100, (index): ServicePort => ({ name: `p${index}`, protocol: 'TCP', port: index + 1 })),
);

const affinity = fc.oneof(
  fc.constant({ sessionAffinity: 'None' as const }),
  between(1, 86_400).map(sessionAffinityTimeoutSeconds => ({
    sessionAffinity: 'ClientIP' as const,
    sessionAffinityTimeoutSeconds,
  })),
);

const shape = fc.oneof(
  fc.record(
    { type: fc.constant('Headless' as const), clusterIPs: fc.constant([] as string[]) },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('ClusterSetIP' as const), clusterIPs: fc.uniqueArray(usable, { maxLength: 2 }) },
    { noNullPrototype: true },
  ),
);

const rest = fc.record(
  {
    cluster: clusterId,
    namespace: label,
    name: label,
    exportedAt: between(0, Date.parse('9999-12-31T23:59:59.999Z')),
    sharedAs: fc.subarray<SharedAs>(['ClusterSet', 'Global'], { minLength: 1 }),
    ports,
    ipFamilies: fc.constantFrom([], ['IPv4' as const], ['IPv6' as const, 'IPv4' as const]),
    internalTrafficPolicy: every({ Cluster: true, Local: true }),
    trafficDistribution: fc.constantFrom('PreferClose', 'PreferSameZone', 'PreferSameNode'),
    labels,
    annotations,
    serviceLabels: labels,
    traffic: fc.record(
      {
        weight: between(0, 1000),
        affinity: every<Affinity>({ local: true, remote: true, none: true }),
        backends: every<Backends>({ service: true, loadbalancer: true, endpoints: true }),
        ttl: between(0, 3600),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
    loadBalancerIPs: fc.oneof(
      fc.uniqueArray(usable, { maxLength: 32 }),
      full(32, index => `192.0.2.${index}`),
    ),
  },
  {
    requiredKeys: [
      'cluster',
      'namespace',
      'name',
      'sharedAs',
      'ports',
      'ipFamilies',
      'labels',
      'annotations',
      'traffic',
      'loadBalancerIPs',
    ],
    noNullPrototype: true,
  },
);

/** Whatever a cluster may have to tell of a service, up to the edges of what can be. */
export const exportedServices: fc.Arbitrary<Exported & { readonly cluster: string }> = fc
  .tuple(rest, shape, affinity)
  .map(parts => Object.assign({}, ...parts));
