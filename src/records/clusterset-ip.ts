import type { MergedService } from '../mesh/model.ts';
import type { ServicePort } from '../objects/shapes.ts';
import type { NodeMap, ServiceOptions } from './names.ts';
import {
  type Alternative,
  addressSets,
  type Node,
  nodeOf,
  portName,
  type RecordSet,
  srvSets,
} from './node.ts';
import { addressesOf, chooseClusters, isDrawn } from './policy.ts';

/**
 * The names of a ClusterSetIP service: the service itself, one per named port, and with `clusterNames` one per cluster.
 * Endpoints have no names of their own here (KEP-1645 defines them for headless services only).
 */
export function clusterSetIPNodes(service: MergedService, options: ServiceOptions): NodeMap {
  const ttl = service.ttl ?? options.ttl;
  const nodes: NodeMap = new Map();
  const node = serviceNode(service, options, ttl);
  nodes.set('', node);
  for (const port of service.ports) {
    if (port.name === '') continue;
    // An SRV answer brings the addresses along, so it is as stale as they are.
    nodes.set(portName(port), nodeOf({ sets: portSets(service, [port], options, ttl), stale: node.stale }));
  }
  if (options.clusterNames) addClusterNames(nodes, service, options, ttl);
  return nodes;
}

function serviceNode(service: MergedService, options: ServiceOptions, ttl: number): Node {
  const ports = portSets(service, service.ports, options, ttl);
  if (!isDrawn(service)) {
    const stale = service.clusters.length > 0 && service.clusters.every(cluster => !cluster.serving);
    return nodeOf({ sets: [...addressSets(service.ips, ttl), ...ports], stale });
  }
  const { candidates, stale } = chooseClusters(service, options);
  const alternatives = candidates.map(
    ({ cluster, weight, addresses }): Alternative => ({ cluster, weight, sets: addressSets(addresses, ttl) }),
  );
  return nodeOf({ sets: ports, alternatives, stale });
}

/** SRV targets are the service itself, so the ports are the service's, and CoreDNS counts one location per address. */
function portSets(
  service: MergedService,
  ports: readonly ServicePort[],
  options: ServiceOptions,
  ttl: number,
): RecordSet[] {
  const perPort = Math.max(1, service.ips.length);
  return srvSets(
    ports.flatMap(port => new Array(perPort).fill({ target: options.owner, port: port.port })),
    ttl,
  );
}

/**
 * `<cluster>.<service>`: KEP-1645 reserves it, Submariner Lighthouse serves it and its users rely on it. It names one
 * cluster outright, so neither weight nor affinity nor health have a say.
 */
function addClusterNames(nodes: NodeMap, service: MergedService, options: ServiceOptions, ttl: number): void {
  for (const cluster of service.clusters) {
    const sets = addressSets(addressesOf(service, cluster, options), ttl);
    if (sets.length > 0) {
      nodes.set(cluster.cluster, nodeOf({ sets, stale: !cluster.serving, cluster: cluster.cluster }));
    }
  }
}
