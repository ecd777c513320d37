import { Problems } from '../objects/problem.ts';
import { remoteClusterReader } from '../objects/remote-cluster.ts';
import type { Diagnosis } from '../views/diagnose.ts';
import type { ClusterFacts } from './facts.ts';
import { family } from './family.ts';
import { idIn, propertiesOf } from './identity.ts';

export const pair = family({
  name: 'pair',
  about: 'whether the two clusters import from each other, where two are looked at',
  checks: { 'pair.connected': 'the first imports from the second' },
  messages: {
    NOT_CONNECTED: {
      check: 'pair.connected',
      verdict: 'warning',
      found: 'no RemoteCluster of the first leads to the second ({id})',
      cause: 'They were never connected, only one way (`--one-way`), or what connected them was deleted.',
      cure: 'Run `causeway connect` if the first shall see what the second exports.',
    },
  },
  *judge({ clusters: [first, second] }, say): Generator<Diagnosis> {
    if (first === undefined || second === undefined) return;
    for (const [from, to] of [
      [first, second],
      [second, first],
    ] as const) {
      const about = `${from.context} → ${to.context}`;
      const id = idIn(to.objects.clusterProperties);
      if ('unknown' in id || id.value === undefined) {
        const reason = 'unknown' in id ? id.unknown : 'the second does not say its id: see id.present';
        yield say.unknown('pair.connected', about, reason);
        continue;
      }
      const remotes = remotesTo(from, id.value);
      if (remotes === undefined)
        yield say.unknown('pair.connected', about, 'its RemoteClusters cannot be listed');
      else if (remotes.length === 0) yield say.wrong('NOT_CONNECTED', about, { id: id.value });
      else yield say.good('pair.connected', about, `by RemoteCluster ${remotes.join(', ')}`);
    }
  },
});

/** Names of the RemoteClusters that lead to the cluster of an id, by what was heard of it now or before. */
function remotesTo({ remotes }: ClusterFacts, id: string): string[] | undefined {
  if ('unknown' in remotes) return undefined;
  return remotes.value
    .filter(remote => {
      const heard = idIn(propertiesOf(remote));
      const before = remoteClusterReader.read(remote.object, Problems.ignored())?.status.clusterId;
      return ('value' in heard ? (heard.value ?? before) : before) === id;
    })
    .map(({ name }) => name);
}
