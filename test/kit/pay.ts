import { type AddressFamily, familyOf } from '../../src/base/ip.ts';
import type { MergedService } from '../../src/mesh/model.ts';
import { chooseClusters, type PolicyOptions } from '../../src/records/policy.ts';
import { meshOf } from './mesh.ts';

/** Settings of one cluster's export of `shop/pay`. */
export interface PaySettings {
  readonly weight?: number;
  readonly affinity?: string;
  readonly backends?: string;
  readonly ttl?: number;
  /** Pods that are ready, per family. */
  readonly ready?: number;
  /** Pods that are not. */
  readonly unready?: number;
  readonly families?: readonly AddressFamily[];
}

/**
 * YAML of the service `shop/pay` in one cluster. All its addresses tell the cluster by `site`, a number of two digits:
 *
 *     cluster IPs     10.<site>.0.1    fd<site>::1
 *     load balancer   192.0.2.<site>   2001:db8::<site>
 *     pods            10.<site>.1.<n>  fd<site>:1::<n>    n from 1
 */
export function payYaml(site: number, settings: PaySettings = {}): string {
  const { families = ['IPv4', 'IPv6'], ready = 1, unready = 0 } = settings;
  const has = (family: AddressFamily) => families.includes(family);
  const clusterIPs = [has('IPv4') && `10.${site}.0.1`, has('IPv6') && `"fd${site}::1"`].filter(Boolean);
  const ingress = [has('IPv4') && `{ip: 192.0.2.${site}}`, has('IPv6') && `{ip: "2001:db8::${site}"}`].filter(
    Boolean,
  );
  const annotations = (['weight', 'affinity', 'backends', 'ttl'] as const)
    .filter(name => settings[name] !== undefined)
    .map(name => `causeway.dev/${name}: "${settings[name]}"`);
  const pods = Array.from({ length: ready + unready }, (_, index) => ({
    number: index + 1,
    isReady: index < ready,
  }));
  const slices = families.map(family => {
    const prefix = family === 'IPv4' ? `10.${site}.1.` : `fd${site}:1::`;
    const endpoints = pods.map(
      ({ number, isReady }) => `{addresses: ["${prefix}${number}"], conditions: {ready: ${isReady}}}`,
    );
    return `---
kind: EndpointSlice
apiVersion: discovery.k8s.io/v1
metadata: {namespace: shop, name: pay-${family.toLowerCase()}, labels: {kubernetes.io/service-name: pay}}
addressType: ${family}
ports: [{name: http, port: 8080}]
endpoints: [${endpoints.join(', ')}]
`;
  });
  return `kind: Service
apiVersion: v1
metadata: {namespace: shop, name: pay}
spec: {type: LoadBalancer, clusterIPs: [${clusterIPs.join(', ')}], ports: [{name: http, port: 80}]}
status: {loadBalancer: {ingress: [${ingress.join(', ')}]}}
---
kind: ServiceExport
apiVersion: multicluster.x-k8s.io/v1beta1
metadata: {namespace: shop, name: pay, annotations: {${annotations.join(', ')}}}
${slices.join('')}`;
}

export type Site = 'east' | 'west' | 'north';
export type PayByCluster = Partial<Record<Site, PaySettings>>;
export type Shares = Partial<Record<Site, number>>;

export const SITES = { east: 10, west: 20, north: 30 } as const satisfies Record<Site, number>;

/** `shop/pay` as the given clusters export it, by cluster. */
export function payYamls(clusters: PayByCluster): Record<string, string> {
  const sites = (['east', 'west', 'north'] as const).filter(site => clusters[site] !== undefined);
  return Object.fromEntries(sites.map(site => [site, payYaml(SITES[site], clusters[site])]));
}

/** `shop/pay` merged from what each cluster exports; `lost` are clusters that do not serve. */
export function payOf(clusters: PayByCluster, lost: readonly Site[] = []): MergedService {
  const { mesh, change } = meshOf(payYamls(clusters));
  for (const site of lost) mesh.setServing(site, false);
  const service = mesh.flush().services.get('shop/pay') ?? change.services.get('shop/pay');
  if (service === undefined) throw new Error('nobody exports shop/pay');
  return service;
}

/** What part of all queries each cluster gets; with a family, of those for it. */
export function sharesOf(service: MergedService, options: PolicyOptions, family?: AddressFamily): Shares {
  const able = chooseClusters(service, options).candidates.filter(
    ({ addresses }) => family === undefined || addresses.some(address => familyOf(address) === family),
  );
  const sum = (candidates: typeof able) => candidates.reduce((total, { weight }) => total + weight, 0);
  const groups = Map.groupBy(able, ({ cluster }) => cluster);
  return Object.fromEntries([...groups].map(([cluster, group]) => [cluster, sum(group) / sum(able)]));
}
