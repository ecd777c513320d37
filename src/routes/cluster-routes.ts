import { type ClusterRoutes, LONGEST_REASON, MOST_NAMED } from '../objects/cluster-routes.ts';
import type { SessionState } from './bgp/bird-sessions.ts';
import { sessionsTo } from './bgp/sessions-to.ts';
import type { ClusterPolicy } from './model.ts';
import type { Plan } from './plan.ts';
import { type PeerReport, peerReports } from './report.ts';
import type { TunnelReport } from './tunnel-report.ts';

/** How it stands with what was planned. */
export interface Standing {
  readonly tunnels: readonly Pick<TunnelReport, 'cluster' | 'answering'>[];
  readonly sessions: readonly SessionState[];
}

/**
 * What a plan comes to for each cluster that is to be routed to, in a few words whatever the number of its nodes. The
 * same however often it is made of the same.
 */
export function clusterRoutes(
  plan: Pick<Plan, 'peers' | 'faults' | 'speaker'>,
  policies: readonly ClusterPolicy[],
  { tunnels, sessions }: Standing,
): ReadonlyMap<string, ClusterRoutes> {
  const peers = Map.groupBy(peerReports(plan), ({ cluster }) => cluster);
  const tunnelsTo = Map.groupBy(tunnels, ({ cluster }) => cluster);
  const spokenTo = sessionsTo(plan, sessions);
  const routed = policies.filter(({ modes, encryption = 'Off' }) => encryption !== 'Off' || !isNone(modes));
  return new Map(
    routed.map(({ cluster }) => [
      cluster,
      routesTo(peers.get(cluster) ?? [], tunnelsTo.get(cluster) ?? [], spokenTo.get(cluster)),
    ]),
  );
}

function isNone(modes: ClusterPolicy['modes']): boolean {
  return modes.length === 1 && modes[0] === 'none';
}

function routesTo(
  peers: readonly PeerReport[],
  tunnels: readonly Pick<TunnelReport, 'answering'>[],
  sessions: ClusterRoutes['sessions'],
): ClusterRoutes {
  const reached = peers.filter(({ ways }) => ways.length > 0);
  const unreached = peers.filter(({ ways }) => ways.length === 0);
  const partly = reached.filter(({ reasons }) => reasons.length > 0);
  const [why] = [...unreached, ...partly].flatMap(({ reasons }) => reasons);
  const answering = tunnels.filter(one => one.answering).length;
  return {
    modes: countsOf(reached.map(({ mode }) => mode)),
    ...(tunnels.length === 0 ? {} : { tunnels: { answering, silent: tunnels.length - answering } }),
    ...(sessions === undefined ? {} : { sessions }),
    ...(unreached.length === 0
      ? {}
      : {
          unreached: {
            nodes: unreached.length,
            named: unreached.slice(0, MOST_NAMED).map(({ node }) => node),
          },
        }),
    ...(partly.length === 0 ? {} : { partly: partly.length }),
    ...(why === undefined ? {} : { why: shortened(why) }),
  };
}

/** In order of the modes' names, so that the same counts are the same text. */
function countsOf(modes: readonly string[]): Record<string, number> {
  const counts = Object.groupBy(modes.toSorted(), mode => mode);
  return Object.fromEntries(Object.entries(counts).map(([mode, all = []]) => [mode, all.length]));
}

function shortened(reason: string): string {
  return reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON - 1)}…` : reason;
}
