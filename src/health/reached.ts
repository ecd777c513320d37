import type { NodeObject } from '../objects/node.ts';

/** How the nodes of this cluster reach one of another, as far as they say. */
export interface Reached {
  /** How many nodes reach it by which way; by one of several where it is not known by which. */
  readonly by: readonly { readonly modes: readonly string[]; readonly nodes: number }[];
  /** Nodes that do not. */
  readonly notFrom: readonly string[];
}

/** What the nodes of this cluster say of one other. */
interface Said {
  /** By the ways that they have to its nodes. */
  readonly nodes: Map<string, number>;
  /** By a node there: those that do not reach it, and by which ways they reach others. */
  readonly notFrom: Map<string, { readonly node: string; readonly ways: string }[]>;
}

const BETWEEN = '|';

/**
 * Nodes tell counts, and of those that they do not reach the first by name: of a cluster in which there are more, it is
 * not known of any other node whether that one reaches it.
 *
 * @param own nodes of this cluster
 */
export function reachedFrom(
  own: Iterable<NodeObject>,
): (remote: Pick<NodeObject, 'name' | 'cluster'>) => Reached {
  const said = new Map<string, Said>();
  for (const { name: node, routes = new Map() } of own) {
    for (const [cluster, { modes, unreached = { nodes: 0, named: [] } }] of routes) {
      const of = said.get(cluster) ?? { nodes: new Map(), notFrom: new Map() };
      said.set(cluster, of);
      const isWhole = unreached.nodes <= unreached.named.length;
      const ways = isWhole ? Object.keys(modes).sort().join(BETWEEN) : '';
      if (ways !== '') of.nodes.set(ways, (of.nodes.get(ways) ?? 0) + 1);
      for (const name of unreached.named) {
        const without = of.notFrom.get(name) ?? [];
        of.notFrom.set(name, without);
        without.push({ node, ways });
      }
    }
  }
  return ({ name, cluster = '' }) => reached(said.get(cluster), name);
}

function reached(said: Said | undefined, name: string): Reached {
  const without = said?.notFrom.get(name) ?? [];
  const by = Array.from(said?.nodes ?? [], ([ways, nodes]) => ({
    modes: ways.split(BETWEEN),
    nodes: nodes - without.filter(one => one.ways === ways).length,
  }));
  return {
    by: by.filter(({ nodes }) => nodes > 0),
    notFrom: without.map(({ node }) => node).sort(),
  };
}
