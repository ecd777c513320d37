import * as v from 'valibot';
import type { Known } from '../base/known.ts';
import { several } from '../base/several.ts';
import { podsOfNode } from '../objects/pod-cidrs.ts';
import { Problems } from '../objects/problem.ts';
import type { Facts, Objects } from './facts.ts';
import { family } from './family.ts';
import { idIn, propertiesOf } from './identity.ts';
import { mapped, NO_ACCESS, read, viewOf } from './known.ts';

const Node = v.object({
  metadata: v.object({
    name: v.string(),
    uid: v.nullish(v.string(), ''),
    annotations: v.nullish(v.record(v.string(), v.string()), {}),
  }),
  spec: v.nullish(v.object({ podCIDR: v.nullish(v.string()), podCIDRs: v.nullish(v.array(v.string())) })),
  status: v.nullish(
    v.object({ addresses: v.nullish(v.array(v.object({ type: v.string(), address: v.string() }))) }),
  ),
});

export interface ClusterNode {
  readonly name: string;
  /** Of no other node of any cluster. */
  readonly uid: string;
  readonly podCidrs: readonly string[];
  readonly internalIps: readonly string[];
}

export function nodesIn(objects: Objects): Known<ClusterNode[]> {
  return mapped(read(Node, objects), list =>
    list.map(({ metadata, spec, status }) => ({
      name: metadata.name,
      uid: metadata.uid ?? '',
      podCidrs: podsOfNode(spec, metadata.annotations ?? {}, Problems.ignored()).podCIDRs,
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

/** Every cluster once: those of the contexts, and those that RemoteClusters lead to. */
export function seenClusters({ clusters }: Facts): SeenCluster[] {
  const own = clusters.map(({ context, objects: { nodes: objects, serviceCidrs, clusterProperties } }) => ({
    about: context,
    nodes: nodesIn(objects),
    serviceCidrs,
    clusterProperties,
  }));
  const others = clusters.flatMap(({ context, remotes }) =>
    ('unknown' in remotes ? [] : remotes.value).map(remote => ({
      about: viewOf(context, remote),
      nodes: 'value' in remote.access ? nodesIn(remote.access.value.nodes) : NO_ACCESS,
      serviceCidrs: undefined,
      clusterProperties: propertiesOf(remote),
    })),
  );
  const known = new Set<string>();
  return [...own, ...others].filter((cluster, index) => {
    const marks = marksOf(cluster);
    const isNew = !marks.some(mark => known.has(mark));
    for (const mark of marks) known.add(mark);
    return isNew || index < own.length;
  });
}

/** What a cluster is known again by: its nodes, of which there are no two; its own id may be missing, or another's. */
function marksOf({ nodes, clusterProperties }: SeenCluster): string[] {
  const uids = 'unknown' in nodes ? [] : nodes.value.map(({ uid }) => uid).filter(uid => uid !== '');
  if (uids.length > 0) return uids;
  const id = idIn(clusterProperties);
  return 'unknown' in id || id.value === undefined ? [] : [id.value];
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
    const clusters = seenClusters(facts);
    const holders = Map.groupBy(
      clusters.flatMap(({ about, nodes: own }) =>
        'unknown' in own ? [] : own.value.map(({ name }) => ({ name, about })),
      ),
      ({ name }) => name,
    );
    for (const { about, nodes: own } of clusters) {
      if ('unknown' in own) {
        yield say.unknown('node.names', about, own.unknown);
        continue;
      }
      const names = own.value.map(({ name }) => name);
      // Each pair is told once, of the second: of the first there is no more to say, and least that all is well.
      const firstOf = (name: string) => holders.get(name)?.[0]?.about ?? about;
      const later = names.filter(name => firstOf(name) !== about);
      for (const [other, list] of Map.groupBy(later, firstOf)) {
        yield say.wrong('NODE_NAMES_SHARED', about, { count: list.length, other, names: shownNames(list) });
      }
      if (names.every(name => holders.get(name)?.length === 1)) {
        yield say.good(
          'node.names',
          about,
          `${several(names.length, 'node')}, none with the name of another`,
        );
      }
    }
  },
});

function shownNames(names: readonly string[]): string {
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
}
