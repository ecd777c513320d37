import { type ClusterRoutes, MOST_NAMED } from '../../objects/cluster-routes.ts';
import type { Plan } from '../plan.ts';
import { sessionName } from './bird-config.ts';
import type { SessionState } from './bird-sessions.ts';

type Sessions = NonNullable<ClusterRoutes['sessions']>;

/**
 * How the sessions stand from which the blocks of each cluster are learnt: those with its nodes, or with routers, which
 * may be of several clusters. One that the daemon has not told of yet is left out.
 */
export function sessionsTo(
  { peers, speaker }: Pick<Plan, 'peers' | 'speaker'>,
  states: readonly SessionState[],
): ReadonlyMap<string, Sessions> {
  if (speaker === undefined || states.length === 0) return new Map();
  const clusterOf = new Map(
    peers.flatMap(({ cluster, ways }) => ways.map(({ cidr }) => [cidr, cluster] as const)),
  );
  const stateOf = new Map(states.map(state => [state.name, state]));
  const pairs = speaker.families.flatMap(({ sessions }) =>
    sessions.flatMap(session => {
      const state = stateOf.get(sessionName(session));
      const clusters = new Set(session.accepts.map(({ cidr }) => clusterOf.get(cidr)));
      return state === undefined ? [] : Array.from(clusters, cluster => ({ cluster, state }));
    }),
  );
  return new Map(
    [...Map.groupBy(pairs, ({ cluster }) => cluster)].flatMap(([cluster, all]) =>
      cluster === undefined ? [] : [[cluster, summaryOf(all.map(({ state }) => state))]],
    ),
  );
}

function summaryOf(states: readonly SessionState[]): Sessions {
  const others = states.filter(({ state }) => state !== 'Established');
  return {
    established: states.length - others.length,
    others: others.length,
    named: others
      .slice(0, MOST_NAMED)
      .map(session => ({ neighbor: session.neighbor, state: steadyState(session) })),
  };
}

/** While it is tried, a session goes through many states; each of them would have the Node written anew. */
export function steadyState({ state, restarting }: SessionState): Sessions['named'][number]['state'] {
  if (state === 'Established' || state === 'Unknown') return state;
  return restarting ? 'Restarting' : 'Down';
}
