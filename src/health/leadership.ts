import type { Finding } from '../views/finding.ts';
import type { ComponentFacts, ControllerReplica, LeadershipFacts, LeaseFacts } from './facts.ts';
import { leaseStanding } from './lease.ts';
import type { ControllerPage } from './pages.ts';

/** What the controller's word about remote clusters is worth now. */
export type Leadership =
  /** The leader was asked just now. */
  | {
      readonly basis: 'asked';
      readonly leader: string;
      readonly page: ControllerPage;
      readonly replica: ControllerReplica;
    }
  /** It could not be asked, but has renewed its Lease: what it has written holds. */
  | { readonly basis: 'lease'; readonly leader: string; readonly renewed: string }
  | { readonly basis: 'none'; readonly reason: string };

/** The Date of an answer has whole seconds. */
const SECOND = 1_000;

/** What decides who leads: how many controllers there shall be is no part of it. */
type LeaderFacts = Pick<LeadershipFacts, 'lease' | 'time'> & {
  readonly controller: Pick<ComponentFacts<ControllerReplica>, 'replicas'>;
};

export function leadershipOf({ controller, lease, time }: LeaderFacts): Leadership {
  const replicas = 'value' in controller.replicas ? controller.replicas.value : [];
  const leader = replicas.flatMap(replica =>
    'value' in replica.page && replica.page.value.leading ? [{ replica, page: replica.page.value }] : [],
  )[0];
  if (leader !== undefined) return { basis: 'asked', leader: leader.replica.pod.name, ...leader };
  if ('unknown' in lease) return none(`the Lease of the controller could not be read: ${lease.unknown}`);
  if (lease.value === undefined) return none('no controller holds the Lease');
  return byLease(lease.value, replicas, time);
}

export function leaderFinding(leadership: Leadership): Finding {
  const common = { check: 'controller.leader', about: 'causeway-controller' };
  if (leadership.basis === 'asked')
    return { ...common, verdict: 'good', found: `${leadership.leader} leads` };
  if (leadership.basis === 'lease') {
    const found = `${leadership.leader} leads: it could not be asked, but renewed its Lease at ${leadership.renewed}`;
    return { ...common, verdict: 'good', found };
  }
  const found = `nobody is known to lead, so what is said of other clusters is as it was last written: ${leadership.reason}`;
  return { ...common, verdict: 'unknown', found, remedy: "see the controller's pods and their logs" };
}

function byLease(
  lease: LeaseFacts,
  replicas: readonly ControllerReplica[],
  time: number | undefined,
): Leadership {
  const { holder } = lease;
  const standing = leaseStanding(lease, time === undefined ? undefined : time + SECOND);
  if (standing.is !== 'held') return none(standing.reason);
  const replica = replicas.find(({ pod }) => pod.name === holder);
  if (replica !== undefined && !replica.readiness.answered && replica.readiness.asked) {
    return none(`${holder} holds the Lease but gives no answer: ${replica.readiness.reason}`);
  }
  if (replica !== undefined && 'value' in replica.page)
    return none(`${holder} holds the Lease but does not lead yet`);
  return { basis: 'lease', leader: holder, renewed: standing.at };
}

function none(reason: string): Leadership {
  return { basis: 'none', reason };
}
