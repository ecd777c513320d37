import type { Manifest } from '../../test/e2e/bed/api.ts';

/** One service that a cluster exports. */
export interface Export {
  readonly namespace: string;
  readonly name: string;
  readonly headless: boolean;
}

export const NAMESPACES = 20;
const ENDPOINTS = 3;
/** Of so many services one is headless: its endpoints are its answer. */
const HEADLESS_EVERY = 4;
/** The first octet of addresses that hold the number of a change. */
const COUNTER_NET = 100;

export function exportsOf(count: number): Export[] {
  return Array.from({ length: count }, (_, index) => ({
    namespace: `team-${index % NAMESPACES}`,
    name: `service-${index}`,
    headless: Math.floor(index / NAMESPACES) % HEADLESS_EVERY === 0,
  }));
}

export function domainOf({ namespace, name }: Pick<Export, 'namespace' | 'name'>): string {
  return `${name}.${namespace}.svc.clusterset.local`;
}

/** In the order in which they have to be written for one export to be seen whole. */
export function manifestsOf(one: Export, index: number): readonly [Manifest, Manifest, Manifest] {
  const { namespace, name, headless } = one;
  const metadata = { namespace, name, labels: { app: name } };
  const ports = [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }];
  return [
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: sliceMetadata(one),
      addressType: 'IPv4',
      ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
      endpoints: endpointsOf(index, 0),
    },
    // No selector: the endpoints are written by the benchmark and by nobody else.
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports, ...(headless && { clusterIP: 'None' }) } },
    { apiVersion: 'multicluster.x-k8s.io/v1beta1', kind: 'ServiceExport', metadata: { namespace, name } },
  ];
}

export function sliceMetadata({ namespace, name }: Export) {
  return { namespace, name: `${name}-a`, labels: { 'kubernetes.io/service-name': name } };
}

/** The endpoints after the change of this number; the first of them tells the number by its address. */
export function endpointsOf(index: number, change: number): object[] {
  const kept = Array.from({ length: ENDPOINTS - 1 }, (_, endpoint) => addressOf(10 + endpoint, index));
  return [addressOf(COUNTER_NET, change), ...kept].map(address => ({
    addresses: [address],
    conditions: { ready: true },
  }));
}

/** The highest number of a change that addresses tell; -1: none. */
export function changeIn(addresses: readonly string[]): number {
  const numbers = addresses
    .map(address => address.split('.').map(Number))
    .filter(([net]) => net === COUNTER_NET)
    .map(([, high = 0, middle = 0, low = 0]) => high * 65_536 + middle * 256 + low);
  return Math.max(-1, ...numbers);
}

function addressOf(net: number, number: number): string {
  return `${net}.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}
