import { type Leadership, leaderFinding } from '../health/leadership.ts';
import { judged, REMOTE_CONDITIONS } from '../health/remotes.ts';
import { Problems } from '../objects/problem.ts';
import { remoteClusterReader } from '../objects/remote-cluster.ts';
import type { Condition } from '../objects/shapes.ts';
import type { Diagnosis } from '../views/diagnose.ts';
import { family, type Say } from './family.ts';
import { viewOf } from './known.ts';
import { leaderOf } from './leader.ts';

const messages = {
  REMOTE_NOT_REACHABLE: {
    check: 'remote.controlplanereachable',
    verdict: 'bad',
    found: 'ControlPlaneReachable is False since {since} ({reason}): {message}',
    cause: "The controller's pod does not get to the other API server, whatever this machine may see.",
    cure: 'Do what the message says; if all is well from this machine, look at NetworkPolicies, at firewalls, and at the address in the Secret.',
  },
  REMOTE_NOT_SYNCED: {
    check: 'remote.synced',
    verdict: 'bad',
    found: 'Synced is False since {since} ({reason}): {message}',
    cause: 'The other cluster cannot be read, or not completely.',
    cure: 'Do what the message says.',
  },
  REMOTE_NOT_SERVING: {
    check: 'remote.serving',
    verdict: 'bad',
    found: 'Serving is False since {since} ({reason}): {message}',
    cause: 'The cluster is held for lost: it was silent for longer than --cluster-lost-after.',
    cure: 'Mend what remote.controlplanereachable says.',
  },
} as const;

export const remotes = family({
  name: 'remote',
  about:
    'what the controller in each cluster says of the clusters it imports from; this is what the pods see',
  checks: {
    'remote.controlplanereachable': "the controller reaches the other cluster's API server",
    'remote.synced': 'the controller has read all that the other cluster publishes',
    'remote.serving': 'traffic may go to the other cluster',
  },
  messages,
  *judge(facts, say) {
    for (const cluster of facts.clusters) {
      const { context, remotes: found } = cluster;
      const leader = leaderOf(cluster, facts);
      if ('unknown' in found) yield say.unknown('remote.synced', context, found.unknown);
      else if (found.value.length === 0) {
        yield say.unknown(
          'remote.synced',
          context,
          'there are no RemoteClusters',
          'connect one with `causeway connect`',
        );
      }
      for (const remote of 'unknown' in found ? [] : found.value) {
        const about = viewOf(context, remote);
        const conditions =
          remoteClusterReader.read(remote.object, Problems.ignored())?.status.conditions ?? [];
        for (const type of REMOTE_CONDITIONS) {
          const held = conditions.find(condition => condition.type === type);
          yield held === undefined
            ? say.unknown(checkOf(type), about, `no condition ${type}: no controller has looked at it yet`)
            : said(about, type, held, leader, say);
        }
      }
    }
  },
});

type ConditionType = (typeof REMOTE_CONDITIONS)[number];

const CODES = {
  ControlPlaneReachable: 'REMOTE_NOT_REACHABLE',
  Synced: 'REMOTE_NOT_SYNCED',
  Serving: 'REMOTE_NOT_SERVING',
} as const;

function checkOf<Type extends ConditionType>(type: Type) {
  return `remote.${type.toLowerCase()}` as `remote.${Lowercase<Type>}`;
}

function said(
  about: string,
  type: ConditionType,
  held: Condition,
  leader: Leadership,
  say: Say<`remote.${Lowercase<ConditionType>}`, typeof messages>,
): Diagnosis {
  const { reason, lastTransitionTime: since } = held;
  const { verdict, message } = judged(held, leader);
  if (verdict === 'good') return say.good(checkOf(type), about, `${type} since ${since}: ${message}`);
  if (verdict === 'bad') return say.wrong(CODES[type], about, { since, reason, message });
  const remedy = leader.basis === 'none' ? leaderFinding(leader).remedy : undefined;
  return say.unknown(checkOf(type), about, `${type} is not known: ${message}`, remedy);
}
