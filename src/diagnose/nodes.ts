import * as v from 'valibot';
import type { Known } from '../base/known.ts';
import type { Facts, Objects } from './facts.ts';
import { family } from './family.ts';
import { idIn, propertiesOf } from './identity.ts';
import { mapped, NO_ACCESS, read, several, viewOf } from './known.ts';

const Node = v.object({
  metadata: v.object({ name: v.string() }),
  spec: v.nullish(v.object({ podCIDR: v.nullish(v.string()), podCIDRs: v.nullish(v.array(v.string())) })),
  status: v.nullish(
    v.object({ addresses: v.nullish(v.array(v.object({ type: v.string(), address: v.string() }))) }),
  ),
});

export interface ClusterNode {
  readonly name: string;
  readonly podCidrs: readonly string[];
  readonly internalIps: readonly string[];
}

export function nodesIn(objects: Objects): Known<ClusterNode[]> {
  return mapped(read(Node, objects), list =>
    list.map(({ metadata, spec, status }) => ({
      name: metadata.name,
      podCidrs: spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []),
      internalIps: (status?.addresses ?? [])
        .filter(({ type }) => type === 'InternalIP')
        .map(({ address }) => address),
    })),
  );
}

/** A cluster that is seen from one or several places. */
export interface SeenCluster {
  readonly about: string;
  readonly nodes: Known<ClusterNode[]>;
  /** Undefined: a remote reader may not see them. */
  readonly serviceCidrs: Objects | undefined;
  readonly clusterProperties: Objects;
}

/**
 * Every cluster once: those of the contexts, and those that RemoteClusters lead to. One that does not say its id is
 * taken for another one.
 */
export function seenClusters({ clusters }: Facts): SeenCluster[] {
  const known = new Set<string>();
  const isNew = (id: Known<string | undefined>) => {
    if ('unknown' in id || id.value === undefined) return true;
    if (known.has(id.value)) return false;
    known.add(id.value);
    return true;
  };
  const own = clusters.map(({ context, objects }) => {
    isNew(idIn(objects.clusterProperties));
    const { serviceCidrs, clusterProperties } = objects;
    return { about: context, nodes: nodesIn(objects.nodes), serviceCidrs, clusterProperties };
  });
  const others = clusters.flatMap(({ context, remotes }) =>
    ('unknown' in remotes ? [] : remotes.value)
      .filter(remote => isNew(idIn(propertiesOf(remote))))
      .map(remote => ({
        about: viewOf(context, remote),
        nodes: 'value' in remote.access ? nodesIn(remote.access.value.nodes) : NO_ACCESS,
        serviceCidrs: undefined,
        clusterProperties: propertiesOf(remote),
      })),
  );
  return [...own, ...others];
}

export const nodes = family({
  name: 'node',
  about: 'the nodes of the clusters',
  checks: { 'node.names': 'no two clusters have nodes of the same name' },
  messages: {
    NODE_NAMES_SHARED: {
      check: 'node.names',
      verdict: 'warning',
      found: '{count} of its nodes have names that nodes of {other} have as well: {names}',
      cause:
        'Nodes are named by the same scheme. Causeway tells them apart by their cluster and does not mind; people may.',
      cure: 'Nothing has to be done. Name the nodes after their cluster if logs and dashboards shall tell them apart.',
    },
  },
  *judge(facts, say) {
    const seen = seenClusters(facts);
    for (const [index, { about, nodes: own }] of seen.entries()) {
      if ('unknown' in own) {
        yield say.unknown('node.names', about, own.unknown);
        continue;
      }
      const before = seen
        .slice(0, index)
        .flatMap(other => ('unknown' in other.nodes ? [] : { ...other, list: other.nodes.value }));
      const shared = before.flatMap(({ about: other, list }) => {
        const names = own.value.map(({ name }) => name).filter(name => list.some(node => node.name === name));
        return names.length === 0 ? [] : { other, names };
      });
      for (const { other, names } of shared) {
        yield say.wrong('NODE_NAMES_SHARED', about, { count: names.length, other, names: shownNames(names) });
      }
      if (shared.length === 0)
        yield say.good(
          'node.names',
          about,
          `${several(own.value.length, 'node')}, none with the name of another`,
        );
    }
  },
});

function shownNames(names: readonly string[]): string {
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
}
