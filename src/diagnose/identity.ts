import * as v from 'valibot';
import type { Known } from '../base/known.ts';
import { isClusterId } from '../base/name.ts';
import { CLUSTER_ID_PROPERTY, CLUSTERSET_PROPERTY } from '../objects/names.ts';
import { Problems } from '../objects/problem.ts';
import { remoteClusterReader } from '../objects/remote-cluster.ts';
import type { Diagnosis } from '../views/diagnose.ts';
import type { ClusterFacts, Objects, RemoteFacts } from './facts.ts';
import { family, type Say } from './family.ts';
import { mapped, NO_ACCESS, read, viewOf } from './known.ts';

const Property = v.object({
  metadata: v.object({ name: v.string() }),
  spec: v.object({ value: v.string() }),
});

const GIVE = '`causeway enable --cluster-id` writes it.';

const checks = {
  'id.present': 'the cluster says which one it is',
  'id.unique': 'no two clusters have the same id',
  'id.status': 'what the RemoteCluster says of the id is still so',
  'id.set': 'the clusters are of the same cluster set',
} as const;

const messages = {
  ID_MISSING: {
    check: 'id.present',
    verdict: 'bad',
    found: 'there is no ClusterProperty cluster.clusterset.k8s.io',
    cause:
      'Causeway was not enabled in this cluster, or somebody deleted it: nothing is exported and nothing imported.',
    cure: `Create it, with an id that is unique in the set. ${GIVE}`,
  },
  ID_INVALID: {
    check: 'id.present',
    verdict: 'bad',
    found: 'the ClusterProperty cluster.clusterset.k8s.io says {value}, which is no cluster id',
    cause: 'It was written by hand.',
    cure: `Write one of lower-case letters, digits, "-" and "."; 63 characters at most. ${GIVE}`,
  },
  ID_TAKEN: {
    check: 'id.unique',
    verdict: 'bad',
    found: 'the id {id} is that of {places}',
    cause: 'Two clusters were given the same id, or two RemoteClusters lead to one cluster.',
    cure: 'Give each cluster an id of its own (it cannot be changed while the cluster is a member: disconnect it first), or delete one of the two RemoteClusters.',
  },
  ID_CHANGED: {
    check: 'id.status',
    verdict: 'bad',
    found: 'it calls itself {now} now, and the RemoteCluster says {before}',
    cause: 'The cluster was set up anew, its id was changed, or the controller has not looked since.',
    cure: 'If the new id is meant, wait until the controller has looked again (see remote.synced); else give the old one back.',
  },
  SETS_DIFFER: {
    check: 'id.set',
    verdict: 'warning',
    found: 'it is of the cluster set {other}, and {context} is of {own}',
    cause: 'The ClusterProperty clusterset.k8s.io was written with different names.',
    cure: 'Give both the same name: `causeway enable --clusterset`.',
  },
} as const;

type IdentitySay = Say<keyof typeof checks, typeof messages>;

export const identity = family({
  name: 'id',
  about: 'the id of each cluster and the name of the cluster set',
  checks,
  messages,
  *judge({ clusters }, say) {
    for (const cluster of clusters) {
      yield present(cluster.objects.clusterProperties, cluster.context, say);
      const { remotes } = cluster;
      for (const remote of 'unknown' in remotes ? [] : remotes.value) {
        const about = viewOf(cluster.context, remote);
        const properties = propertiesOf(remote);
        yield present(properties, about, say);
        yield status(remote, idIn(properties), about, say);
        yield sameSet(cluster, setIn(properties), about, say);
      }
      yield unique(cluster, say);
    }
    const [first, second] = clusters;
    if (first !== undefined && second !== undefined) yield* pair(first, second, say);
  },
});

/** The id that the ClusterProperties tell; undefined: they tell none, or none that can be one. */
export function idIn(properties: Objects): Known<string | undefined> {
  return mapped(valueIn(properties, CLUSTER_ID_PROPERTY), id => (id && isClusterId(id) ? id : undefined));
}

export function propertiesOf({ access }: RemoteFacts): Objects {
  return 'value' in access ? access.value.clusterProperties : NO_ACCESS;
}

function setIn(properties: Objects): Known<string | undefined> {
  return valueIn(properties, CLUSTERSET_PROPERTY);
}

/** The value of one ClusterProperty; undefined: there is none of that name. */
export function valueIn(properties: Objects, name: string): Known<string | undefined> {
  return mapped(read(Property, properties), list => list.find(one => one.metadata.name === name)?.spec.value);
}

function present(properties: Objects, about: string, say: IdentitySay): Diagnosis {
  const found = valueIn(properties, CLUSTER_ID_PROPERTY);
  if ('unknown' in found) return say.unknown('id.present', about, found.unknown);
  if (found.value === undefined) return say.wrong('ID_MISSING', about, {});
  if (!isClusterId(found.value))
    return say.wrong('ID_INVALID', about, { value: JSON.stringify(found.value) });
  return say.good('id.present', about, `it is ${found.value}`);
}

function status(
  remote: RemoteFacts,
  id: Known<string | undefined>,
  about: string,
  say: IdentitySay,
): Diagnosis {
  if ('unknown' in id) return say.unknown('id.status', about, id.unknown);
  const before = remoteClusterReader.read(remote.object, Problems.ignored())?.status.clusterId;
  if (before === undefined) return say.unknown('id.status', about, 'the controller has not heard its id yet');
  if (id.value === undefined)
    return say.unknown('id.status', about, 'it does not say its id: see id.present');
  return id.value === before
    ? say.good('id.status', about, `the RemoteCluster knows it as ${before}`)
    : say.wrong('ID_CHANGED', about, { now: id.value, before });
}

function unique(cluster: ClusterFacts, say: IdentitySay): Diagnosis {
  const { context, remotes, objects } = cluster;
  if ('unknown' in remotes) return say.unknown('id.unique', context, remotes.unknown);
  const places = [
    { place: context, id: idIn(objects.clusterProperties) },
    ...remotes.value.map(remote => ({
      place: `RemoteCluster ${remote.name}`,
      id: idIn(propertiesOf(remote)),
    })),
  ];
  return uniqueIn(places, context, say);
}

function uniqueIn(
  places: readonly { readonly place: string; readonly id: Known<string | undefined> }[],
  about: string,
  say: IdentitySay,
): Diagnosis {
  const heard = places.flatMap(({ place, id }) =>
    'value' in id && id.value !== undefined ? [{ place, id: id.value }] : [],
  );
  for (const { id } of heard) {
    const same = heard.filter(other => other.id === id);
    if (same.length > 1) {
      return say.wrong('ID_TAKEN', about, { id, places: same.map(({ place }) => place).join(' and of ') });
    }
  }
  if (heard.length < places.length) {
    const silent = places.filter(({ place }) => !heard.some(other => other.place === place));
    return say.unknown(
      'id.unique',
      about,
      `the id of ${silent.map(({ place }) => place).join(', ')} is not known`,
    );
  }
  return say.good('id.unique', about, `${heard.map(({ id }) => id).join(', ')}: each once`);
}

function* pair(first: ClusterFacts, second: ClusterFacts, say: IdentitySay): Generator<Diagnosis> {
  const places = [first, second].map(({ context, objects }) => ({
    place: context,
    id: idIn(objects.clusterProperties),
  }));
  yield uniqueIn(places, `${first.context} and ${second.context}`, say);
  yield sameSet(first, setIn(second.objects.clusterProperties), second.context, say);
}

function sameSet(
  { context, objects }: ClusterFacts,
  other: Known<string | undefined>,
  about: string,
  say: IdentitySay,
): Diagnosis {
  const own = setIn(objects.clusterProperties);
  if ('unknown' in own) return say.unknown('id.set', about, own.unknown);
  if ('unknown' in other) return say.unknown('id.set', about, other.unknown);
  const name = (value: string | undefined) => value ?? 'no name';
  return own.value === other.value
    ? say.good('id.set', about, `both are of the cluster set ${name(own.value)}`)
    : say.wrong('SETS_DIFFER', about, { own: name(own.value), other: name(other.value), context });
}
