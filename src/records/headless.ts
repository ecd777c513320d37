import type { MergedService } from '../mesh/model.ts';
import type { EndpointPort } from '../objects/shapes.ts';
import { isEncodable, type Labels } from '../wire/name.ts';
import { endpointLabel } from './endpoint-name.ts';
import { addressSets, type Location, type Node, nodeOf, portName, srvSets } from './node.ts';
import type { NodeMap, ServiceOptions } from './service.ts';

/** One ready endpoint address, and the name it has below the service. */
interface Member {
  readonly address: string;
  readonly cluster: string;
  readonly serving: boolean;
  /** Relative to the service; undefined where the whole would not fit into a DNS name. */
  readonly name: Labels | undefined;
  readonly ports: readonly EndpointPort[];
}

/**
 * Most endpoints that an answer names, so that A and AAAA of them both fit into one message and come from the same
 * endpoints (KEP-1645 specification section 2.4.1 allows a subset, but wants the families to agree).
 */
const MAX_MEMBERS = 2048;

/**
 * The names of a headless service: the service itself with the ready endpoints of all serving clusters, one per port,
 * and one per endpoint. A service without any ready endpoint has no names at all (section 2.4.1: NXDOMAIN).
 */
export function headlessNodes(service: MergedService, options: ServiceOptions): NodeMap {
  const members = readyMembers(service, options);
  const serving = members.filter(member => member.serving);
  const stale = serving.length === 0;
  const chosen = (stale ? members : serving).slice(0, MAX_MEMBERS);
  const nodes: NodeMap = new Map();
  if (chosen.length === 0) return nodes;
  const ttl = service.ttl ?? options.ttl;
  const addresses = chosen.map(member => member.address);
  const sets = [
    ...addressSets(addresses, ttl),
    ...srvSets(
      locations(chosen, options.owner, () => true),
      ttl,
    ),
  ];
  nodes.set('', nodeOf({ sets, stale, cluster: clusterOf(chosen) }));
  for (const [name, port] of namedPorts(chosen)) {
    const matches = locations(
      chosen,
      options.owner,
      other => other.name === port.name && other.protocol === port.protocol,
    );
    nodes.set(name, nodeOf({ sets: srvSets(matches, ttl), stale }));
  }
  for (const [name, node] of endpointNodes(members, ttl)) nodes.set(name, node);
  return nodes;
}

function readyMembers(service: MergedService, options: ServiceOptions): Member[] {
  const members: Member[] = [];
  for (const { cluster, serving, slices } of service.clusters) {
    for (const slice of slices) {
      for (const endpoint of slice.endpoints) {
        if (!endpoint.ready) continue;
        for (const address of endpoint.addresses) {
          const name = [endpointLabel(endpoint, address), ...cluster.split('.')];
          const fits = isEncodable([...name, ...options.owner, ...options.origin]);
          members.push({ address, cluster, serving, name: fits ? name : undefined, ports: slice.ports });
        }
      }
    }
  }
  return members;
}

/** SRV ports are those of the endpoints, since clients connect to pods. A port without a number means any: no SRV. */
function locations(
  members: readonly Member[],
  owner: Labels,
  wanted: (port: EndpointPort) => boolean,
): Location[] {
  const found: Location[] = [];
  for (const { name, ports } of members) {
    if (name === undefined) continue;
    for (const port of ports) {
      if (port.port !== undefined && wanted(port))
        found.push({ target: [...name, ...owner], port: port.port });
    }
  }
  return found;
}

/** By owner name relative to the service: `_sql._tcp`. */
function namedPorts(members: readonly Member[]): Map<string, EndpointPort> {
  const named = new Map<string, EndpointPort>();
  for (const { name, ports } of members) {
    if (name === undefined) continue;
    for (const port of ports) {
      if (port.name !== '' && port.port !== undefined) named.set(portName(port), port);
    }
  }
  return named;
}

/** Endpoints that share a hostname share a name; those of a lost cluster keep theirs, as nobody else can answer for it. */
function endpointNodes(members: readonly Member[], ttl: number): Map<string, Node> {
  const byName = Map.groupBy(members, member => member.name?.join('.'));
  const nodes = new Map<string, Node>();
  for (const [name, group] of byName) {
    if (name === undefined) continue;
    const sets = addressSets(
      group.map(member => member.address),
      ttl,
    );
    nodes.set(
      name,
      nodeOf({ sets, stale: group.every(member => !member.serving), cluster: clusterOf(group) }),
    );
  }
  return nodes;
}

function clusterOf(members: readonly Member[]): string | undefined {
  const first = members[0]?.cluster;
  return members.every(member => member.cluster === first) ? first : 'several';
}
