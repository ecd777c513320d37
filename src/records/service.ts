import type { MergedService } from '../mesh/model.ts';
import { isEncodable, labelsOfText } from '../wire/name.ts';
import { clusterSetIPNodes } from './clusterset-ip.ts';
import { headlessNodes } from './headless.ts';
import type { NodeMap, ServiceOptions } from './names.ts';
import { EMPTY_NODE } from './node.ts';

const builders = { ClusterSetIP: clusterSetIPNodes, Headless: headlessNodes };

/**
 * Every name of a service. `_tcp.<service>` stands between two names and is empty. `<cluster>.<service>` stands above
 * the endpoints of a headless service and would be too, but KEP-1645 section 2.4.4 reserves it: it does not exist.
 * Neither do names that do not fit into DNS: those of a port of 63 letters, or of long services below a long zone.
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
