import type { MergedService } from '../mesh/model.ts';
import { isEncodable, type Labels, labelsOfText } from '../wire/name.ts';
import { clusterSetIPNodes } from './clusterset-ip.ts';
import { headlessNodes } from './headless.ts';
import { EMPTY_NODE, type Node } from './node.ts';
import type { PolicyOptions } from './policy.ts';

/** Names of one service: labels left of it, joined by dots (no label of ours holds one), to what stands there. */
export type NodeMap = Map<string, Node>;

/** What turning a merged service into names needs to know. */
export interface ServiceOptions extends PolicyOptions {
  /** The service's own name relative to the zone: `payments shop svc`. */
  readonly owner: Labels;
  readonly origin: Labels;
  /** Seconds, where the service sets none. */
  readonly ttl: number;
  /** Serve `<cluster>.<service>` for ClusterSetIP services. */
  readonly clusterNames: boolean;
}

const builders = { ClusterSetIP: clusterSetIPNodes, Headless: headlessNodes };

/**
 * Every name of a service. `_tcp.<service>` stands between two names and is empty. `<cluster>.<service>` stands above the
 * endpoints of a headless service and would be too, but KEP-1645 section 2.4.4 reserves it: it does not exist. Neither do
 * names that do not fit into DNS: those of a port of 63 letters, or of long services below a long zone.
 */
export function serviceNodes(service: MergedService, options: ServiceOptions): NodeMap {
  const nodes = builders[service.type](service, options);
  for (const name of [...nodes.keys()]) {
    if (!isEncodable([...labelsOfText(name), ...options.owner, ...options.origin])) {
      nodes.delete(name);
      continue;
    }
    const between = name.slice(name.indexOf('.') + 1);
    if (between.startsWith('_')) nodes.set(between, nodes.get(between) ?? EMPTY_NODE);
  }
  return nodes;
}
