import { servedAs } from '../health/dns.ts';
import { leaseStanding } from '../health/lease.ts';
import { deploymentFacts, waysBack } from '../health/rollout.ts';
import type { Diagnosis } from '../views/diagnose.ts';
import type { ClusterFacts, Facts } from './facts.ts';
import { family, type Say } from './family.ts';
import { named } from './known.ts';
import { leaseOf, timeThere } from './leader.ts';

const COMPONENTS = ['controller', 'dns'] as const;
/** How often a pod may have been restarted without anybody having to look. */
const FEW_RESTARTS = 3;

const checks = {
  'component.available': 'every Deployment of Causeway has as many available replicas as it shall have',
  'component.restarts': 'the pods of Causeway are not restarted again and again',
  'component.version': 'all pods of Causeway and this program are of one version',
  'component.lease': 'one controller leads',
  'component.loaded': 'every DNS daemon has read what the cluster holds, and still hears of changes',
} as const;

const LOOK = 'See `kubectl -n {namespace} describe pod` and the logs of its pods.';

const messages = {
  DEPLOYMENT_MISSING: {
    check: 'component.available',
    verdict: 'bad',
    found: 'there is no Deployment {name} in namespace {namespace}',
    cause: 'Causeway was not enabled in this cluster, or runs in another namespace.',
    cure: 'Run `causeway enable`, or name the namespace with --namespace.',
  },
  NONE_AVAILABLE: {
    check: 'component.available',
    verdict: 'bad',
    found: 'no replica of {name} is available, of {wanted}; {why}',
    cause: 'Its image cannot be pulled, its pods find no node, end at once, or do not become ready.',
    cure: LOOK,
  },
  SCALED_TO_NONE: {
    check: 'component.available',
    verdict: 'bad',
    found: 'there is no replica of {name}: it is scaled to 0',
    cause: 'Somebody scaled the Deployment down, and nothing else scales it up.',
    cure: `Bring it back with ${waysBack('{name}', '{namespace}')}.`,
  },
  SOME_UNAVAILABLE: {
    check: 'component.available',
    verdict: 'warning',
    found: 'only {available} of {wanted} replicas of {name} are available; {why}',
    cause: 'A node is away or full, or a pod does not become ready. The others go on.',
    cure: LOOK,
  },
  POD_RESTARTS: {
    check: 'component.restarts',
    verdict: 'warning',
    found: 'pod {pod} was restarted {restarts} times',
    cause: 'It ran out of memory, could not reach its API server for long, or met a fault of ours.',
    cure: 'See `kubectl -n {namespace} logs {pod} --previous`, and the reason that `kubectl describe pod` tells.',
  },
  VERSIONS_DIFFER: {
    check: 'component.version',
    verdict: 'warning',
    found: 'there is more than one version: {versions}',
    cause: 'An update is under way, one was not finished, or this program is of another version.',
    cure: 'Run `causeway enable` of one version in every cluster, and use that version here.',
  },
  LEASE_MISSING: {
    check: 'component.lease',
    verdict: 'bad',
    found: 'there is no Lease causeway-controller in namespace {namespace}: no controller has ever led',
    cause: 'No controller runs, or it may not write Leases.',
    cure: 'See component.available, and the logs of the controller.',
  },
  LEASE_STALE: {
    check: 'component.lease',
    verdict: 'bad',
    found: 'nobody leads: {reason}',
    cause:
      'The controllers have ended, hang, or do not reach their API server. What was written stays as it is.',
    cure: 'See component.available, and the logs of the controllers.',
  },
  DAEMON_NOT_LOADED: {
    check: 'component.loaded',
    verdict: 'bad',
    found: 'pod {pod} has not read the cluster yet: it answers SERVFAIL',
    cause: 'It has only just started, or does not reach its API server, or may not read.',
    cure: 'See its logs; `kubectl auth can-i` with the ServiceAccount causeway-dns shows what it may.',
  },
  DAEMON_STALE: {
    check: 'component.loaded',
    verdict: 'bad',
    found: 'pod {pod} no longer hears of changes, since {since}',
    cause: 'It does not reach its API server. What it answers was right at that time.',
    cure: 'See its logs, and the way from its node to the API server.',
  },
} as const;

type ComponentSay = Say<keyof typeof checks, typeof messages>;

export const components = family({
  name: 'component',
  about: 'what runs of Causeway in each cluster',
  checks,
  messages,
  *judge(facts, say) {
    for (const cluster of facts.clusters) {
      for (const component of COMPONENTS) yield available(cluster, component, facts.namespace, say);
      yield* restarts(cluster, facts.namespace, say);
      yield lease(cluster, facts, say);
      yield* loaded(cluster, say);
    }
    yield version(facts, say);
  },
});

function available(
  { context, objects, replicas }: ClusterFacts,
  component: string,
  namespace: string,
  say: ComponentSay,
): Diagnosis {
  const name = `causeway-${component}`;
  const found = named(objects.deployments, name);
  if ('unknown' in found) return say.unknown('component.available', context, found.unknown);
  if (found.value === undefined) return say.wrong('DEPLOYMENT_MISSING', context, { name, namespace });
  const { wanted, available: count } = deploymentFacts(found.value);
  const pods = 'unknown' in replicas ? [] : replicas.value.filter(one => one.component === component);
  const why = pods.find(({ pod }) => pod.waiting !== undefined)?.pod;
  const values = {
    name,
    wanted,
    namespace,
    why: why === undefined ? 'its pods do not say why' : `${why.name}: ${why.waiting}`,
  };
  if (count >= wanted && count > 0) {
    return say.good(
      'component.available',
      context,
      `${count} of ${wanted} replicas of ${name} are available`,
    );
  }
  if (wanted === 0) return say.wrong('SCALED_TO_NONE', context, values);
  return count === 0
    ? say.wrong('NONE_AVAILABLE', context, values)
    : say.wrong('SOME_UNAVAILABLE', context, { ...values, available: count });
}

function* restarts(
  { context, replicas }: ClusterFacts,
  namespace: string,
  say: ComponentSay,
): Generator<Diagnosis> {
  if ('unknown' in replicas) {
    yield say.unknown('component.restarts', context, replicas.unknown);
    return;
  }
  const pods = replicas.value.map(({ pod }) => pod);
  const restless = pods.filter(pod => pod.restarts > FEW_RESTARTS);
  for (const { name, restarts: count } of restless) {
    yield say.wrong('POD_RESTARTS', context, { pod: name, restarts: count, namespace });
  }
  if (restless.length > 0) return;
  yield pods.length === 0
    ? say.unknown('component.restarts', context, 'there are no pods')
    : say.good('component.restarts', context, `no pod was restarted more than ${FEW_RESTARTS} times`);
}

function lease(cluster: ClusterFacts, facts: Facts, say: ComponentSay): Diagnosis {
  const { context } = cluster;
  const found = leaseOf(cluster);
  if ('unknown' in found) return say.unknown('component.lease', context, found.unknown);
  if (found.value === undefined) return say.wrong('LEASE_MISSING', context, { namespace: facts.namespace });
  const held = found.value;
  const there = timeThere(cluster, facts);
  const standing = leaseStanding(held, there);
  switch (standing.is) {
    case 'free':
    case 'over':
      return say.wrong('LEASE_STALE', context, { reason: standing.reason });
    case 'undated':
    case 'ahead':
      return say.unknown('component.lease', context, standing.reason);
    case 'held': {
      const seconds = Math.max(0, Math.round(standing.ago / 1_000));
      return say.good('component.lease', context, `${held.holder} leads, and said so ${seconds} s ago`);
    }
  }
}

function* loaded({ context, replicas }: ClusterFacts, say: ComponentSay): Generator<Diagnosis> {
  const daemons = ('unknown' in replicas ? [] : replicas.value).flatMap(replica =>
    replica.component === 'dns' ? [{ name: replica.pod.name, page: replica.page }] : [],
  );
  if (daemons.length === 0) {
    const reason = 'unknown' in replicas ? replicas.unknown : 'there is no pod of the DNS daemon';
    yield say.unknown('component.loaded', context, reason);
  }
  for (const { name: pod, page } of daemons) {
    if ('unknown' in page) yield say.unknown('component.loaded', context, `${pod}: ${page.unknown}`);
    else if (servedAs(page.value) === 'unread') yield say.wrong('DAEMON_NOT_LOADED', context, { pod });
    else if (servedAs(page.value) === 'stale') {
      yield say.wrong('DAEMON_STALE', context, { pod, since: page.value.since ?? 'its start' });
    } else yield say.good('component.loaded', context, `pod ${pod} has read everything and hears of changes`);
  }
}

function version({ clusters, version: own }: Facts, say: ComponentSay): Diagnosis {
  const about = clusters.map(({ context }) => context).join(' and ');
  const places = new Map([[own, ['this program']]]);
  let silent = 0;
  let heard = 0;
  for (const { context, replicas } of clusters) {
    for (const replica of 'unknown' in replicas ? [] : replicas.value) {
      const found = 'unknown' in replica.page ? undefined : replica.page.value.version;
      if (found === undefined) silent++;
      else {
        heard++;
        places.set(found, [...(places.get(found) ?? []), `${context}/${replica.pod.name}`]);
      }
    }
  }
  if (places.size > 1) {
    const versions = [...places].map(([found, where]) => `${found} (${where.join(', ')})`).join('; ');
    return say.wrong('VERSIONS_DIFFER', about, { versions });
  }
  if (silent > 0 || heard === 0) {
    return say.unknown(
      'component.version',
      about,
      heard === 0 ? 'no pod tells its version' : `${silent} of the pods do not tell theirs`,
    );
  }
  return say.good('component.version', about, `all are ${own}`);
}
