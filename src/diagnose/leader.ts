import { type Leadership, leadershipOf } from '../health/leadership.ts';
import { leaseFacts } from '../health/lease.ts';
import type { ClusterFacts, Facts } from './facts.ts';
import { mapped, named } from './known.ts';

const LEASE = 'causeway-controller';

/** The Lease of the controllers of a cluster; value undefined: there is none. */
export function leaseOf({ objects }: Pick<ClusterFacts, 'objects'>) {
  return mapped(named(objects.leases, LEASE), raw => raw && leaseFacts(raw));
}

/** What time it is by the clock of a cluster, in milliseconds since the epoch. Undefined: its clock is not known. */
export function timeThere(
  { reach }: Pick<ClusterFacts, 'reach'>,
  { now }: Pick<Facts, 'now'>,
): number | undefined {
  return 'unknown' in reach.clock ? undefined : now + 1_000 * reach.clock.value.ahead;
}

/** What the word of a cluster's controller is worth now. */
export function leaderOf(cluster: ClusterFacts, facts: Pick<Facts, 'now'>): Leadership {
  const replicas = mapped(cluster.replicas, list =>
    list.flatMap(replica => (replica.component === 'controller' ? [replica] : [])),
  );
  return leadershipOf({
    controller: { replicas },
    lease: leaseOf(cluster),
    time: timeThere(cluster, facts),
  });
}
