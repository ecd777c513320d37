import fc from 'fast-check';
import type {
  EndpointSliceObject,
  MeshObject,
  ServiceExportObject,
  ServiceObject,
} from '../../src/objects/shapes.ts';

/** An object and the cluster that holds it. */
export interface Held {
  readonly cluster: string;
  readonly object: MeshObject;
}

export const CLUSTERS = ['east', 'west', 'blue.prod'];
export const NAMESPACES = ['shop', 'ops'];
export const SERVICES = ['web', 'db'];
export const HOSTNAMES = ['a', 'east'];
export const PORTS = [
  { name: 'http', protocol: 'TCP', port: 80 },
  { name: 'dns', protocol: 'UDP', port: 53 },
  { name: '', protocol: 'TCP', port: 9000 },
] as const;

const place = { namespace: fc.constantFrom(...NAMESPACES), name: fc.constantFrom(...SERVICES) };
const ports = fc.subarray([...PORTS]);
const families = fc.constantFrom(['IPv4'] as const, ['IPv6'] as const, ['IPv4', 'IPv6'] as const);

const service: fc.Arbitrary<ServiceObject> = fc
  .record({
    ...place,
    ports,
    ipFamilies: families,
    isHeadless: fc.boolean(),
    last: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ isHeadless, last, ...rest }) => ({
    kind: 'Service',
    type: 'ClusterIP',
    headless: isHeadless,
    clusterIPs: isHeadless
      ? []
      : rest.ipFamilies.map(family => (family === 'IPv4' ? `10.0.0.${last}` : `fd00::${last}`)),
    loadBalancerIPs: [],
    sessionAffinity: 'None',
    ...rest,
  }));

const serviceExport: fc.Arbitrary<ServiceExportObject> = fc
  .record({
    ...place,
    createdAt: fc.integer({ min: 1, max: 3 }),
    traffic: fc.record(
      {
        weight: fc.integer({ min: 0, max: 3 }),
        affinity: fc.constantFrom('local', 'remote', 'none'),
        backends: fc.constantFrom('service', 'endpoints'),
        ttl: fc.constantFrom(0, 30),
      },
      { requiredKeys: [] },
    ),
  })
  .map(rest => ({ kind: 'ServiceExport', exportedLabels: {}, exportedAnnotations: {}, ...rest }));

const slice: fc.Arbitrary<EndpointSliceObject> = fc
  .record({
    ...place,
    isIPv4: fc.boolean(),
    slicePorts: ports,
    endpoints: fc.array(
      fc.record({
        last: fc.integer({ min: 1, max: 4 }),
        ready: fc.boolean(),
        hostname: fc.option(fc.constantFrom(...HOSTNAMES), { nil: undefined }),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ namespace, name, isIPv4, slicePorts, endpoints }) => ({
    kind: 'EndpointSlice',
    namespace,
    name: `${name}-${isIPv4 ? 4 : 6}`,
    serviceName: name,
    addressType: isIPv4 ? 'IPv4' : 'IPv6',
    ports: slicePorts,
    endpoints: endpoints.map(({ last, ready, hostname }) => ({
      addresses: [isIPv4 ? `10.0.1.${last}` : `fd00:1::${last}`],
      ready,
      ...(hostname === undefined ? {} : { hostname }),
    })),
  }));

const namespace: fc.Arbitrary<MeshObject> = fc.record({
  kind: fc.constant('Namespace'),
  name: fc.constantFrom(...NAMESPACES),
});

/** Objects of a small vocabulary, so that they meet: later ones replace earlier ones of the same identity. */
export const randomObjects: fc.Arbitrary<Held[]> = fc.array(
  fc.record({
    cluster: fc.constantFrom(...CLUSTERS),
    object: fc.oneof(
      { weight: 3, arbitrary: service },
      { weight: 4, arbitrary: serviceExport },
      { weight: 4, arbitrary: slice },
      { weight: 1, arbitrary: namespace },
    ),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
);

/** What an object replaces, and is replaced by. */
export function identityOf({ cluster, object }: Held): string {
  return [cluster, object.kind, object.kind === 'Namespace' ? '' : object.namespace, object.name].join('/');
}
