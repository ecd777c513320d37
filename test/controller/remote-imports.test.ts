import { beforeEach, describe, expect, test } from 'vitest';
import { RemoteImports } from '../../src/controller/remote-imports.ts';
import { Mesh } from '../../src/mesh/mesh.ts';
import type { EndpointSliceObject, ExportedServiceObject } from '../../src/objects/shapes.ts';

const ALL = { namespaces: [] };

let mesh: Mesh;
let touched: string[];
let imports: RemoteImports;

beforeEach(() => {
  mesh = new Mesh({ localCluster: 'west' });
  touched = [];
  imports = new RemoteImports('east', ALL, mesh, key => touched.push(key));
});

function payments(given: Partial<ExportedServiceObject> = {}): ExportedServiceObject {
  return {
    kind: 'ExportedService',
    cluster: 'east',
    namespace: 'shop',
    name: 'payments',
    publishedAs: 'causeway-exports/shop.payments',
    sharedAs: ['ClusterSet'],
    type: 'ClusterSetIP',
    ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
    ipFamilies: ['IPv4'],
    sessionAffinity: 'None',
    labels: {},
    annotations: {},
    traffic: {},
    clusterIPs: ['10.1.0.1'],
    loadBalancerIPs: [],
    ...given,
  };
}

function slice(name: string, address: string, given: Partial<EndpointSliceObject> = {}): EndpointSliceObject {
  return {
    kind: 'EndpointSlice',
    namespace: 'shop',
    name,
    serviceName: 'payments',
    sourceCluster: 'east',
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: [{ addresses: [address], ready: true }],
    ...given,
  };
}

/** The pod addresses that the cluster set knows for a service. */
function addresses(key = 'shop/payments'): string[] {
  mesh.flush();
  const slices = mesh.serviceOf(key)?.clusters.flatMap(cluster => cluster.slices) ?? [];
  return slices.flatMap(each => each.endpoints.flatMap(endpoint => endpoint.addresses));
}

const COMMON = 'causeway-exports';
const PRIVATE = 'causeway-exports-west';

describe('a break of the connection', () => {
  beforeEach(() => {
    imports.put(payments(), COMMON);
    imports.put(slice('shop.payments-1', '10.1.1.1'), COMMON);
    imports.put(slice('shop.payments-2', '10.1.1.2'), COMMON);
  });

  test('takes nothing away, however long the new list takes', () => {
    imports.restart(ALL);
    expect(addresses()).toEqual(['10.1.1.1', '10.1.1.2']);
  });

  test('ends with the new list: what is not on it goes', () => {
    imports.restart(ALL);
    imports.put(payments(), COMMON);
    imports.put(slice('shop.payments-2', '10.1.1.2'), COMMON);
    imports.confirmed();
    expect(addresses()).toEqual(['10.1.1.2']);
  });

  test('during which the cluster gave up the service ends with the service gone', () => {
    imports.restart(ALL);
    imports.confirmed();
    mesh.flush();
    expect(mesh.serviceOf('shop/payments')).toBeUndefined();
    expect(imports.services).toBe(0);
    expect(touched).toContain('shop/payments');
  });
});

describe('what is remembered from an earlier run', () => {
  test('counts until the first list is in', () => {
    imports.put(payments(), undefined);
    imports.put(slice('shop.payments-1', '10.1.1.1'), undefined);
    imports.restart(ALL);
    expect(addresses()).toEqual(['10.1.1.1']);
    imports.confirmed();
    expect(addresses()).toEqual([]);
  });
});

describe('a service that moves between namespaces of publication', () => {
  test('stays when the old one goes after the new one came', () => {
    imports.put(payments(), COMMON);
    imports.put(slice('shop.payments-1', '10.1.1.1'), COMMON);
    imports.put(payments({ publishedAs: `${PRIVATE}/shop.payments` }), PRIVATE);
    imports.put(slice('shop.payments-1', '10.1.1.1'), PRIVATE);
    imports.drop(payments(), COMMON);
    imports.drop(slice('shop.payments-1', '10.1.1.1'), COMMON);
    expect(addresses()).toEqual(['10.1.1.1']);
    expect(imports.services).toBe(1);
  });
});

describe('what a RemoteCluster says of the cluster', () => {
  test('services outside its namespaces are not taken in', () => {
    imports.restart({ namespaces: ['bank'] });
    imports.put(payments(), COMMON);
    expect(imports.services).toBe(0);
    expect(addresses()).toEqual([]);
  });

  test('services in a namespace that is taken off its list go with the next list', () => {
    imports.put(payments(), COMMON);
    imports.restart({ namespaces: ['bank'] });
    imports.put(payments(), COMMON);
    imports.confirmed();
    expect(imports.services).toBe(0);
  });

  const weights: [string, number | undefined, number | undefined, number | undefined][] = [
    ['its weight holds for exports without one', 7, undefined, 7],
    ["an export's own weight goes before it", 7, 3, 3],
    ['an export that is drained stays drained', 7, 0, 0],
    ['none is none', undefined, undefined, undefined],
  ];
  test.each(weights)('%s', (_, ofCluster, ofExport, expected) => {
    imports.restart({ namespaces: [], ...(ofCluster === undefined ? {} : { weight: ofCluster }) });
    imports.put(payments({ traffic: ofExport === undefined ? {} : { weight: ofExport } }), COMMON);
    mesh.flush();
    expect(mesh.serviceOf('shop/payments')?.clusters[0]?.weight).toBe(expected);
  });
});

describe('a cluster that is held for lost', () => {
  test('touches each of its services once, and not again while that is known', () => {
    imports.put(payments(), COMMON);
    touched.length = 0;
    imports.setServing(false);
    imports.setServing(false);
    expect(touched).toEqual(['shop/payments']);
    mesh.flush();
    expect(mesh.serviceOf('shop/payments')?.clusters[0]?.serving).toBe(false);
  });
});

test('a slice that is given to another service is planned for under both', () => {
  imports.put(slice('shop.payments-1', '10.1.1.1'), COMMON);
  touched.length = 0;
  imports.put(slice('shop.payments-1', '10.1.1.1', { serviceName: 'orders' }), COMMON);
  expect([...new Set(touched)].sort()).toEqual(['shop/orders', 'shop/payments']);
});

describe('a cluster that publishes without end', () => {
  test('gets its first 20,000 services in, and news of those', () => {
    for (let number = 0; number < 20_000; number++) imports.put(payments({ name: `pay-${number}` }), COMMON);
    expect(imports.fits(payments({ name: 'one-more' }))).toBe(false);
    expect(imports.fits(payments({ name: 'pay-7', type: 'Headless' }))).toBe(true);
    imports.drop(payments({ name: 'pay-7' }), COMMON);
    expect(imports.fits(payments({ name: 'one-more' }))).toBe(true);
  });

  test('gets its first 300,000 endpoints in', () => {
    const endpoints = (count: number) => Array(count).fill({ addresses: ['10.1.1.1'], ready: true });
    imports.put(slice('shop.many', '', { endpoints: endpoints(299_999) }), COMMON);
    expect(imports.fits(slice('shop.one', '', { endpoints: endpoints(1) }))).toBe(true);
    expect(imports.fits(slice('shop.two', '', { endpoints: endpoints(2) }))).toBe(false);
    expect(imports.fits(slice('shop.many', '', { endpoints: endpoints(300_000) }))).toBe(true);
    expect(imports.fits(slice('shop.many', '', { endpoints: endpoints(300_001) }))).toBe(false);
  });
});
