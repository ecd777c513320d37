import type { RawObject } from './client.ts';
import { microTime } from './micro-time.ts';
import { apiVersionOf, type Place, RESOURCES } from './resource.ts';

/** Milliseconds all. */
export interface LeaseTimes {
  /** How long others leave a lease alone that is not renewed. */
  readonly duration: number;
  /**
   * How long the holder goes on without having renewed it; less than `duration`, which fences it off from the next one.
   */
  readonly renewDeadline: number;
  /** Between two looks at it, about. */
  readonly retry: number;
}

/** A lease as one of those who want it has seen it last. */
export interface LeaseView {
  /** Undefined: there is none. */
  readonly raw: RawObject | undefined;
  /** Empty: nobody. Of a lease that is gone: who held it last. */
  readonly holder: string;
  /** What the holder changes with each renewal, in one text. */
  readonly content: string;
  /**
   * Until when whoever held it has to be taken for alive, by our own clock: counted from when we first saw the lease as
   * it is. What the holder says about the time of day is never compared with ours.
   */
  readonly heldUntil: number;
}

export type LeaseStep =
  | { readonly do: 'wait'; readonly until: number }
  | { readonly do: 'create' | 'replace'; readonly manifest: object };

/**
 * Takes in what the API server says of the lease now.
 *
 * @param before what was seen last; undefined: this is the first look
 * @param now milliseconds of our own clock
 * @param duration how long a lease counts that does not say so itself, milliseconds
 */
export function observe(
  before: LeaseView | undefined,
  raw: RawObject | undefined,
  now: number,
  duration: number,
): LeaseView {
  if (raw === undefined) return gone(before, now, duration);
  const spec = specOf(raw);
  const { holderIdentity, leaseDurationSeconds, renewTime, acquireTime, leaseTransitions } = spec;
  const content = JSON.stringify([holderIdentity, renewTime, acquireTime, leaseTransitions]);
  const holder = typeof holderIdentity === 'string' ? holderIdentity : '';
  if (holder === '') return { raw, holder, content, heldUntil: now };
  if (content === before?.content) return { raw, holder, content, heldUntil: before.heldUntil };
  const seconds = positive(leaseDurationSeconds);
  return { raw, holder, content, heldUntil: now + (seconds === undefined ? duration : seconds * 1_000) };
}

/**
 * Whoever held a lease that somebody has deleted leads on and writes it anew; who knows of them leaves them the time.
 * All of it: the last renewal may have been deleted before we saw it.
 */
function gone(before: LeaseView | undefined, now: number, duration: number): LeaseView {
  const { raw, holder = '', heldUntil = now } = before ?? {};
  const isNews = raw !== undefined && holder !== '';
  return { raw: undefined, holder, content: '', heldUntil: isNews ? now + duration : heldUntil };
}

/**
 * What to do about the lease: wait, or write it so that it is ours for another while. A write may be refused because
 * somebody else was faster; whoever's write is taken has the lease.
 *
 * @param now milliseconds of our own clock
 * @param wall milliseconds since the epoch, for people to read in the lease
 */
export function nextStep(
  view: LeaseView,
  claim: { readonly identity: string; readonly place: Place; readonly duration: number },
  now: number,
  wall: number,
): LeaseStep {
  const { raw, holder, heldUntil } = view;
  const ours = holder === claim.identity;
  if (!ours && now < heldUntil) return { do: 'wait', until: heldUntil };
  const spec = {
    ...(raw === undefined ? {} : specOf(raw)),
    holderIdentity: claim.identity,
    leaseDurationSeconds: Math.ceil(claim.duration / 1_000),
    renewTime: microTime(wall),
  };
  const { namespace, name } = claim.place;
  if (raw === undefined) {
    const fresh = { ...spec, acquireTime: microTime(wall), leaseTransitions: 0 };
    return { do: 'create', manifest: { ...TYPE, metadata: { namespace, name }, spec: fresh } };
  }
  if (ours) return { do: 'replace', manifest: { ...TYPE, ...raw, spec } };
  const leaseTransitions = (positive(specOf(raw)['leaseTransitions']) ?? 0) + 1;
  const taken = { ...spec, acquireTime: microTime(wall), leaseTransitions };
  return { do: 'replace', manifest: { ...TYPE, ...raw, spec: taken } };
}

/** The lease as nobody's, so that the next one need not wait. Undefined: it is not ours to give back. */
export function released(raw: RawObject | undefined, identity: string, wall: number): object | undefined {
  if (raw === undefined || specOf(raw)['holderIdentity'] !== identity) return undefined;
  // The schema asks for at least a second.
  const spec = { ...specOf(raw), holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(wall) };
  return { ...TYPE, ...raw, spec };
}

const TYPE = { apiVersion: apiVersionOf(RESOURCES.leases), kind: RESOURCES.leases.kind };

function specOf(raw: RawObject): Readonly<Record<string, unknown>> {
  return Object(raw['spec']) as Readonly<Record<string, unknown>>;
}

function positive(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined;
}
