import type { Known } from '../base/known.ts';
import type { Leadership } from '../health/leadership.ts';
import { judged } from '../health/remotes.ts';
import { conditionsOf } from '../objects/conditions.ts';
import type { Facts, ReachFacts, RemoteFacts, Tried } from './facts.ts';
import { NO_ACCESS, viewOf } from './known.ts';
import { leaderOf } from './leader.ts';

/** An API server that is connected to from this machine. */
export interface Endpoint {
  /** `east`, or `east → west`: west, with what the RemoteCluster west in east says. */
  readonly about: string;
  readonly reach: Known<ReachFacts>;
  readonly api: Tried<string>;
  /** Whose credential: the operator's own, or that of a RemoteCluster. */
  readonly whose: 'operator' | 'remote';
  /** Whether the controller in the cluster says that it gets there, whatever this machine sees. */
  readonly heard: boolean;
}

/** Every API server that is connected to: those of the contexts, and those that their RemoteClusters name. */
export function endpointsOf(facts: Facts): Endpoint[] {
  return facts.clusters.flatMap(cluster => {
    const { context, reach, api, remotes } = cluster;
    const leader = leaderOf(cluster, facts);
    return [
      { about: context, reach: { value: reach }, api, whose: 'operator' as const, heard: false },
      ...('unknown' in remotes ? [] : remotes.value).map(remote => ({
        about: viewOf(context, remote),
        whose: 'remote' as const,
        heard: isHeard(remote, leader),
        ...('value' in remote.access
          ? { reach: { value: remote.access.value.reach }, api: remote.access.value.api }
          : { reach: NO_ACCESS, api: NO_ACCESS }),
      })),
    ];
  });
}

function isHeard({ object }: RemoteFacts, leader: Leadership): boolean {
  const reachable = conditionsOf(object).find(({ type }) => type === 'ControlPlaneReachable');
  return reachable !== undefined && judged(reachable, leader).verdict === 'good';
}
