import fc from 'fast-check';
import { objectKey } from '../../src/base/name.ts';
import type { MergedService, MeshChange } from '../../src/mesh/model.ts';
import type { Zone } from '../../src/records/zone.ts';
import { TCP, UDP } from './dns.ts';
import type { QueryOptions } from './packet.ts';
import { clusterOf, serviceOf, sliceOf, zoneOf } from './zone.ts';

const Z = 'clusterset.local';
const NAME = `payments.shop.svc.${Z}`;

export interface Change {
  readonly changed?: MergedService;
  readonly removed?: string;
  readonly namespaces?: readonly string[];
  readonly synced?: true;
}

/** A zone that is changed step by step, and what it has come to hold. */
export class World {
  readonly zone = zoneOf([], { synced: false, clusterNames: true });
  readonly #services = new Map<string, MergedService>();
  #namespaces: ReadonlySet<string> = new Set(['shop']);

  change({ changed, removed, namespaces, synced }: Change): MeshChange {
    const services = new Map<string, MergedService | undefined>();
    if (changed !== undefined) services.set(objectKey('shop', changed.name), changed);
    if (removed !== undefined) services.set(objectKey('shop', removed), undefined);
    if (namespaces !== undefined) this.#namespaces = new Set(namespaces);
    const change = { services, namespaces: this.#namespaces };
    if (synced === true) this.zone.markSynced();
    else this.zone.apply(change, 1);
    for (const [key, service] of services) {
      if (service === undefined) this.#services.delete(key);
      else this.#services.set(key, service);
    }
    return change;
  }

  /** The same zone, made in one go. */
  rebuilt(): Zone {
    const { synced, serial } = this.zone;
    const settings = { synced, unixSeconds: serial, namespaces: this.#namespaces, clusterNames: true };
    return zoneOf([...this.#services.values()], settings);
  }
}

const cluster = fc.record({
  cluster: fc.constantFrom('east', 'west'),
  clusterIPs: fc.subarray(['10.10.0.1', '10.20.0.1', 'fd10::1'], { minLength: 0 }),
  weight: fc.constantFrom(undefined, 0, 1, 9),
  serving: fc.boolean(),
  ready: fc.subarray(['10.1.0.1', '10.1.0.2', 'fd10:1::1']),
});
const service: fc.Arbitrary<MergedService> = fc
  .record({
    name: fc.constantFrom('payments', 'cart'),
    type: fc.constantFrom('ClusterSetIP' as const, 'Headless' as const),
    clusters: fc.uniqueArray(cluster, { maxLength: 2, selector: part => part.cluster }),
    ips: fc.constantFrom([], ['10.96.0.1']),
    ttl: fc.constantFrom(5, 30),
  })
  .map(({ name, type, clusters, ips, ttl }) => {
    const parts = clusters.map(({ weight, ready, cluster: id, clusterIPs, serving }) => ({
      ...clusterOf(id, clusterIPs, { serving, slices: sliceOf(ready) }),
      ...(weight === undefined ? {} : { weight }),
    }));
    return serviceOf('shop', name, parts, { type, ips, ttl });
  });
const question = fc.record({
  name: fc.constantFrom(
    ...[Z, `svc.${Z}`, `shop.svc.${Z}`, `dns-version.${Z}`, `ns.dns.${Z}`, 'example.org', NAME],
    ...[`PAYMENTS.shop.svc.${Z}`, `cart.shop.svc.${Z}`, `_http._tcp.${NAME}`, `_tcp.${NAME}`, `east.${NAME}`],
    ...[`10-1-0-1.east.${NAME}`, `10-1-0-1.west.cart.shop.svc.${Z}`, `nobody.shop.svc.${Z}`],
  ),
  type: fc.constantFrom('A', 'AAAA', 'SRV', 'TXT', 'SOA', 'NS', 'ANY'),
  options: fc.constantFrom<QueryOptions>({}, { edns: 512 }, { edns: 1232, dnssecOk: true, flags: 0x10 }),
  client: fc.constantFrom(UDP, TCP),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});
const step = fc.oneof(
  { weight: 6, arbitrary: question.map(asked => ({ asked })) },
  { weight: 2, arbitrary: service.map(changed => ({ changed })) },
  { weight: 1, arbitrary: fc.constantFrom('payments', 'cart').map(removed => ({ removed })) },
  { weight: 1, arbitrary: fc.subarray(['shop', 'platform']).map(namespaces => ({ namespaces })) },
  { weight: 1, arbitrary: fc.constant({ synced: true as const }) },
);

/** Questions, and changes of the zone between them. */
export const steps = fc.array(step, { maxLength: 40 });
