import * as v from 'valibot';
import type { Known } from '../base/known.ts';
import { several } from '../base/several.ts';
import { hasKey, type NodeObject } from '../objects/node.ts';
import type { Diagnosis } from '../views/diagnose.ts';
import type { ClusterFacts } from './facts.ts';
import { family, type Message, type Say } from './family.ts';
import { read, viewOf } from './known.ts';
import {
  type RoutedCluster,
  remoteNodesOf,
  routedClusters,
  routingNodes,
  type SeenRemoteNode,
} from './routing.ts';

const REASON =
  'no routing agent is installed: Causeway does not look at how packets get from cluster to cluster';
const REMEDY =
  'make sure by other means that a pod of one cluster reaches a pod of the other, with large packets as well';
const SILENT = 'no node says anything: see path.agent';

const DaemonSet = v.object({
  metadata: v.object({ name: v.string() }),
  status: v.nullish(
    v.object({
      desiredNumberScheduled: v.nullish(v.number(), 0),
      numberReady: v.nullish(v.number(), 0),
    }),
  ),
});

/** What became of each node of another cluster, by the reason in its condition Accepted. */
const REFUSED = {
  Invalid: 'NODE_INVALID',
  Guarded: 'NODE_GUARDED',
  Conflict: 'NODE_CONFLICT',
  TooMany: 'NODE_TOO_MUCH',
} as const;

const CHECKS = {
  'path.agent': 'the routing agent runs on every node',
  'path.reports': 'every ready node says whether packets get through to each cluster that is routed to',
  'path.tunnel': 'packets get through from every node that says anything',
  'path.nodes': 'routes lead to every node of the other clusters',
  'path.mtu': 'the networks of the clusters take packets of the same size',
  'path.encryption': 'where encryption is required, every node has a key',
} as const;

const MESSAGES = {
  AGENT_NOT_READY: {
    check: 'path.agent',
    verdict: 'bad',
    found: '{ready} of {wanted} routing agents are ready',
    cause: 'Their pods do not start, or find fault with their nodes.',
    cure: 'See the pods of DaemonSet causeway-agent and their logs: the first line says what keeps one from starting.',
  },
  AGENT_NOT_EVERYWHERE: {
    check: 'path.agent',
    verdict: 'warning',
    found: 'routing agents are to run on {wanted} of {nodes} nodes',
    cause: 'A taint that the DaemonSet does not tolerate, or its node selector, keeps it from the others.',
    cure: 'Pods on those nodes reach no pod of another cluster: add a toleration where they shall.',
  },
  NODES_SILENT: {
    check: 'path.reports',
    verdict: 'warning',
    found: '{count} say nothing of the way to {cluster}: {names}',
    cause:
      'The routing agent there does not run, has only just started, or the other cluster has no agents that answer.',
    cure: 'See the log of the agent on one of them, and its page /debug/probes.',
  },
  PATH_DOWN: {
    check: 'path.tunnel',
    verdict: 'bad',
    found: '{count} of {all} get no packets through to {cluster}: {names}',
    cause:
      'A firewall between the clusters drops the tunnel (UDP), the other nodes are gone, or large packets do not fit.',
    cure: "Let the tunnel's port through between all nodes, both ways; the agent's page /debug/probes on one of them says which packets are missing. Where most nodes are down, traffic has left the cluster.",
  },
  NODE_INVALID: {
    check: 'path.nodes',
    verdict: 'bad',
    found: 'no routes to {count}, {names}: {message}',
    cause: 'What its own cluster says of the node cannot be routed to by anybody.',
    cure: 'Mend the Node there: its InternalIP, its pod CIDRs, or its annotation causeway.dev/underlay-addresses.',
  },
  NODE_GUARDED: {
    check: 'path.nodes',
    verdict: 'bad',
    found: 'no routes to {count}, {names}: {message}',
    cause: 'Its addresses are those of pods, Services or nodes of this cluster.',
    cure: 'The clusters need address blocks of their own: see cidr.across. Nothing of this cluster is ever sent there.',
  },
  NODE_CONFLICT: {
    check: 'path.nodes',
    verdict: 'bad',
    found: 'no routes to {count}, {names}: {message}',
    cause: 'Two nodes of other clusters claim the same; the one whose cluster and uid come first has it.',
    cure: 'Give one of them other addresses; where a machine was cloned, a hardware address or key of its own.',
  },
  NODE_TOO_MUCH: {
    check: 'path.nodes',
    verdict: 'warning',
    found: 'not all routes to {count}, {names}: {message}',
    cause: 'The node, or its cluster, says more than is taken in of one.',
    cure: 'Give nodes few large pod CIDRs rather than many small ones.',
  },
  MTU_DIFFERS: {
    check: 'path.mtu',
    verdict: 'warning',
    found: 'the network here takes {own} octets, that of {cluster} {other}',
    cause: 'The clusters lie in networks of different kinds.',
    cure: 'Nothing has to be done for TCP, whose segments are clamped. What sends large UDP packets has to heed the smaller.',
  },
  KEY_MISSING: {
    check: 'path.encryption',
    verdict: 'bad',
    found: '{count} have no WireGuard key, and encryption with {cluster} is required: {names}',
    cause: 'The routing agent there does not run, or its machine has no WireGuard.',
    cure: 'See the log of the agent there. Until then no packet goes to or from those nodes, which is what Required means.',
  },
} as const satisfies Record<string, Message<keyof typeof CHECKS>>;

type PathSay = Say<keyof typeof CHECKS, typeof MESSAGES>;

/** What the nodes themselves say, which is what their routing agents find out; this machine sends no probes. */
export const dataPath = family({
  name: 'path',
  about: 'how packets get from a pod of one cluster to a pod of another, as the routing agents say',
  checks: CHECKS,
  messages: MESSAGES,
  *judge(facts, say): Generator<Diagnosis> {
    for (const cluster of facts.clusters) {
      const { context } = cluster;
      yield* agents(cluster, say);
      yield* refusals(cluster, say);
      const routed = routedClusters(cluster);
      const own = routingNodes(cluster.objects.nodes);
      for (const remote of routed) {
        const about = viewOf(context, remote);
        if ('unknown' in own) {
          yield say.unknown('path.reports', about, own.unknown);
          continue;
        }
        const theirs = remoteNodesOf(cluster, remote.cluster);
        yield* verdicts(about, remote, own.value, say);
        yield* sizes(about, remote, own.value, theirs, say);
        yield* keys(about, remote, own.value, theirs, say);
      }
    }
  },
});

function* agents({ context, objects }: ClusterFacts, say: PathSay): Generator<Diagnosis> {
  const sets = read(DaemonSet, objects.daemonSets);
  if ('unknown' in sets) return yield say.unknown('path.agent', context, sets.unknown);
  const agent = sets.value.find(({ metadata }) => metadata.name === 'causeway-agent');
  if (agent === undefined) return yield say.unknown('path.agent', context, REASON, REMEDY);
  const { desiredNumberScheduled: wanted = 0, numberReady: ready = 0 } = agent.status ?? {};
  const nodes = 'value' in objects.nodes ? objects.nodes.value.length : wanted;
  if (ready < wanted) yield say.wrong('AGENT_NOT_READY', context, { ready, wanted });
  else if (wanted < nodes) yield say.wrong('AGENT_NOT_EVERYWHERE', context, { wanted, nodes });
  else yield say.good('path.agent', context, `${ready} of ${wanted} are ready`);
}

function* refusals(cluster: ClusterFacts, say: PathSay): Generator<Diagnosis> {
  const seen = remoteNodesOf(cluster, undefined);
  if ('unknown' in seen) return yield say.unknown('path.nodes', cluster.context, seen.unknown);
  const refused = seen.value.flatMap(({ title, accepted }) =>
    accepted?.status === 'False' ? [{ name: title, ...accepted }] : [],
  );
  for (const [code, those] of Map.groupBy(refused, ({ reason }) => codeOf(reason))) {
    yield say.wrong(code, cluster.context, { ...counted(those), message: those[0]?.message ?? '' });
  }
  if (refused.length > 0) return;
  const count = seen.value.filter(({ accepted }) => accepted?.status === 'True').length;
  if (count > 0) {
    const found = `${several(count, 'node')} of other clusters, all accepted`;
    yield say.good('path.nodes', cluster.context, found);
  } else yield say.unknown('path.nodes', cluster.context, whyUnjudged(cluster));
}

/** Why there is no node of another cluster that the controller has judged. */
function whyUnjudged(cluster: ClusterFacts): string {
  if ('unknown' in cluster.remotes) return cluster.remotes.unknown;
  if (cluster.remotes.value.length === 0) return 'there are no RemoteClusters';
  if (routedClusters(cluster).length === 0) return 'no RemoteCluster is routed to';
  return 'the controller has accepted no node of another cluster yet: see condition NodesSynced of the RemoteClusters';
}

function* verdicts(
  about: string,
  { cluster }: RoutedCluster,
  own: readonly NodeObject[],
  say: PathSay,
): Generator<Diagnosis> {
  const ready = own.filter(node => node.ready !== false);
  const says = (what: string | undefined) =>
    ready.filter(({ dataPath: path }) => path?.get(cluster) === what);
  const [silent, down] = [says(undefined), says('down')];
  const all = ready.length - silent.length;
  if (all === 0) {
    for (const check of ['path.reports', 'path.tunnel'] as const)
      yield say.unknown(check, about, SILENT, REMEDY);
    return;
  }
  if (silent.length > 0) yield say.wrong('NODES_SILENT', about, { ...counted(silent), cluster });
  else yield say.good('path.reports', about, `${several(all, 'node')} say it`);
  if (down.length > 0) yield say.wrong('PATH_DOWN', about, { ...counted(down), all, cluster });
  else yield say.good('path.tunnel', about, `packets get through from ${several(all, 'node')}`);
}

function* sizes(
  about: string,
  { cluster }: RoutedCluster,
  own: readonly NodeObject[],
  theirs: Known<readonly SeenRemoteNode[]>,
  say: PathSay,
): Generator<Diagnosis> {
  const here = smallest(own);
  const there = 'unknown' in theirs ? undefined : smallest(theirs.value.map(({ node }) => node));
  if (here === undefined || there === undefined) yield say.unknown('path.mtu', about, SILENT, REMEDY);
  else if (here !== there) yield say.wrong('MTU_DIFFERS', about, { own: here, other: there, cluster });
  else yield say.good('path.mtu', about, `both take ${here} octets`);
}

function* keys(
  about: string,
  { cluster, encryption }: RoutedCluster,
  own: readonly NodeObject[],
  theirs: Known<readonly SeenRemoteNode[]>,
  say: PathSay,
): Generator<Diagnosis> {
  if (encryption !== 'Required') {
    return yield say.good('path.encryption', about, `encryption is ${encryption}: no node has to have a key`);
  }
  if ('unknown' in theirs) return yield say.unknown('path.encryption', about, theirs.unknown);
  const all = [...own, ...theirs.value.map(({ node, title }) => ({ ...node, name: title }))];
  const without = all.filter(node => !hasKey(node));
  if (without.length > 0) yield say.wrong('KEY_MISSING', about, { ...counted(without), cluster });
  else yield say.good('path.encryption', about, `${several(all.length, 'node')} have keys`);
}

/** A reason of a newer controller is told as what is most often meant: that the node is at fault. */
function codeOf(reason: string): (typeof REFUSED)[keyof typeof REFUSED] {
  return Object.hasOwn(REFUSED, reason) ? REFUSED[reason as keyof typeof REFUSED] : 'NODE_INVALID';
}

function smallest(nodes: readonly NodeObject[]): number | undefined {
  const known = nodes.flatMap(({ mtu }) => mtu ?? []);
  return known.length === 0 ? undefined : known.reduce((one, other) => Math.min(one, other));
}

function counted(nodes: readonly { readonly name: string }[]): { count: string; names: string } {
  const names = nodes.map(({ name }) => name).sort();
  return {
    count: several(names.length, 'node'),
    names: names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : ''),
  };
}
