import { REMOTE_CONDITIONS, verdictOf } from '../health/remotes.ts';
import { Problems } from '../objects/problem.ts';
import { remoteClusterReader } from '../objects/remote-cluster.ts';
import { family } from './family.ts';
import { viewOf } from './known.ts';

export const remotes = family({
  name: 'remote',
  about:
    'what the controller in each cluster says of the clusters it imports from; this is what the pods see',
  checks: {
    'remote.controlplanereachable': "the controller reaches the other cluster's API server",
    'remote.synced': 'the controller has read all that the other cluster publishes',
    'remote.serving': 'traffic may go to the other cluster',
  },
  messages: {
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
  },
  *judge({ clusters }, say) {
    for (const { context, remotes: found } of clusters) {
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
          const check = `remote.${type.toLowerCase()}` as `remote.${Lowercase<typeof type>}`;
          const {
            status = 'Unknown',
            reason = '',
            message = '',
            lastTransitionTime: since = '',
          } = held ?? {};
          const verdict = verdictOf(status);
          if (verdict === 'good') yield say.good(check, about, `${type} since ${since}: ${message}`);
          else if (verdict === 'bad') yield say.wrong(CODES[type], about, { since, reason, message });
          else {
            yield say.unknown(
              check,
              about,
              message || `no condition ${type}: no controller has looked at it yet`,
            );
          }
        }
      }
    }
  },
});

const CODES = {
  ControlPlaneReachable: 'REMOTE_NOT_REACHABLE',
  Synced: 'REMOTE_NOT_SYNCED',
  Serving: 'REMOTE_NOT_SERVING',
} as const;
