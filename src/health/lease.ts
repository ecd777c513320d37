import type { LeaseFacts } from './facts.ts';

/** Whether somebody holds a Lease now. */
export type LeaseStanding =
  /** `at`: when it was renewed last, RFC 3339; `ago`: milliseconds since then. */
  | { readonly is: 'held'; readonly at: string; readonly ago: number }
  /** `undated` and `ahead`: it cannot be told. */
  | { readonly is: 'free' | 'over' | 'undated' | 'ahead'; readonly reason: string };

/** What the fields of a coordination.k8s.io/v1 Lease say. */
export function leaseFacts(raw: unknown): LeaseFacts {
  const { holderIdentity, renewTime, leaseDurationSeconds } = Object(Object(raw).spec);
  const renewed = Date.parse(String(renewTime));
  return {
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    renewed: Number.isNaN(renewed) ? undefined : renewed,
    duration: Number(leaseDurationSeconds ?? 0) * 1_000,
  };
}

/** @param now milliseconds since the epoch by the cluster's clock, never by that of the operator's machine */
export function leaseStanding(
  { holder, renewed, duration }: LeaseFacts,
  now: number | undefined,
): LeaseStanding {
  if (holder === '') return { is: 'free', reason: 'no controller holds the Lease' };
  if (now === undefined || renewed === undefined)
    return { is: 'undated', reason: `it is not known when ${holder} renewed the Lease` };
  const at = new Date(renewed).toISOString();
  const ago = now - renewed;
  if (ago > duration)
    return { is: 'over', reason: `${holder} held the Lease and has not renewed it since ${at}` };
  // A time to come says nothing about when it was written.
  if (ago < -duration)
    return {
      is: 'ahead',
      reason: `${holder} has renewed the Lease at ${at}, which is yet to come: clocks differ`,
    };
  return { is: 'held', at, ago };
}
