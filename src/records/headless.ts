import type { MergedService } from '../mesh/model.ts';
import type { EndpointPort } from '../objects/shapes.ts';
import { isEncodable, type Labels } from '../wire/name.ts';
import { endpointLabel } from './endpoint-name.ts';
import type { NodeMap, ServiceOptions } from './names.ts';
import { addressSets, type Location, type Node, nodeOf, portName, srvSets } from './node.ts';

/** One ready endpoint address, and the name it has below the service. */
export interface Member {
  readonly address: string;
  /** The same for the addresses of one endpoint of one cluster, as far as its slices tell. */
  readonly endpoint: string;
  readonly cluster: string;
  readonly serving: boolean;
  /** Relative to the service; undefined where the whole would not fit into a DNS name. */
  readonly name: Labels | undefined;
  readonly ports: readonly EndpointPort[];
}

/**
 * Most endpoints that an answer names: their AAAA records, 28 octets each, just fit into one message. What is left out
 * of one family has to be left out of both (KEP-1645 specification section 2.4.1 allows a subset, of the same
 * endpoints).
 */
const MAX_ENDPOINTS = 2048;

export interface HeadlessChoice {
  /** All that have names of their own. */
  readonly members: readonly Member[];
  /** Those that the service's own name gives. */
  readonly chosen: readonly Member[];
  /** They are of clusters held for lost, given because no cluster that serves has any. */
  readonly stale: boolean;
}

/** Which endpoints a headless service gives: those of clusters that serve, else those of the others. */
export function chooseMembers(service: MergedService, options: ServiceOptions): HeadlessChoice {
  const members = readyMembers(service, options);
  const serving = members.filter(member => member.serving);
  const stale = serving.length === 0;
  return { members, chosen: firstEndpoints(stale ? members : serving), stale };
}

/**
 * The names of a headless service: the service itself with the ready endpoints of all serving clusters, one per port,
 * and one per endpoint. A service without any ready endpoint has no names at all (section 2.4.1: NXDOMAIN).
 */
export function headlessNodes(service: MergedService, options: ServiceOptions): NodeMap {
  const { members, chosen, stale } = chooseMembers(service, options);
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

/**
 * An endpoint of two families stands in two slices. Its host name tells that it is one; where it has none its place
 * does, since the slices of both families are written from the same list of pods.
 */
function readyMembers(service: MergedService, options: ServiceOptions): Member[] {
  return service.clusters.flatMap(({ cluster, serving, slices }) => {
    const places = { IPv4: 0, IPv6: 0 };
    return slices.flatMap(({ addressType, endpoints, ports }) =>
      endpoints.flatMap(endpoint => {
        const id = `${cluster}/${endpoint.hostname ?? `#${++places[addressType]}`}`;
        return (endpoint.ready ? endpoint.addresses : []).map(address => {
          const name = [endpointLabel(endpoint, address), ...cluster.split('.')];
          const fits = isEncodable([...name, ...options.owner, ...options.origin]);
          return { address, endpoint: id, cluster, serving, name: fits ? name : undefined, ports };
        });
      }),
    );
  });
}

function firstEndpoints(members: readonly Member[]): readonly Member[] {
  if (members.length <= MAX_ENDPOINTS) return members;
  const first = new Set<string>();
  return members.filter(({ endpoint }) => {
    if (first.size < MAX_ENDPOINTS) first.add(endpoint);
    return first.has(endpoint);
  });
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

/**
 * Endpoints that share a hostname share a name; those of a lost cluster keep theirs, as nobody else can answer for it.
 */
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
