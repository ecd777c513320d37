import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { systemClock } from '../ops/clock.ts';
import type { Part } from '../ops/lifecycle.ts';
import type { Logger } from '../ops/log.ts';
import { ApiError } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { type LeaseTimes, type LeaseView, nextStep, observe, released } from './lease-record.ts';
import { RESOURCES } from './resource.ts';

export interface LeaderElectionOptions {
  readonly client: Pick<ApiClient, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  /** Who this is, for people: the host's name. */
  readonly identity: string;
  readonly log: Logger;
  /**
   * This process leads from now on. The signal ends what it does as the leader; it may lead again later, with another
   * one.
   */
  readonly gained: (signal: AbortSignal) => void;
  /** It does not lead any more; the signal has been aborted before. */
  readonly lost: (reason: string) => void;
  readonly times?: LeaseTimes;
  readonly clock?: Clock;
  /** Milliseconds since the epoch. */
  readonly wall?: () => number;
  /** At least 0, below 1. */
  readonly random?: () => number;
}

/** What client-go's leader election has, which is what operators know. */
const TIMES: LeaseTimes = { duration: 15_000, renewDeadline: 10_000, retry: 2_000 };

/** Milliseconds that giving the lease back may take at the end; without it the next one only waits longer. */
const RELEASE_LIMIT = 2_000;

/** One time of leading: from gaining the lease to losing it. */
interface Term {
  readonly end: AbortController;
  /** Until when the last renewal is good, by both clocks. */
  until: { readonly now: number; readonly wall: number };
  cancelDeadline: () => void;
}

/**
 * Leads or does not, by a Lease: of all processes that run for one, at most one leads at any time. Rests on conditional
 * writes, and on every process ceasing to lead by its own clock before others may take over by theirs. Nothing that the
 * API server does ends it.
 */
export class LeaderElection implements Part {
  readonly name = 'leader election';
  /** As it stands in the lease. Has a random part, since two processes on one host may be given the same name. */
  readonly identity: string;
  readonly #options: Required<LeaderElectionOptions>;
  #view: LeaseView | undefined;
  #term: Term | undefined;
  #fault: string | undefined;
  #stopped = false;
  #cut: AbortController | undefined;
  #wake: (() => void) | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: LeaderElectionOptions) {
    const system = { times: TIMES, clock: systemClock, wall: Date.now, random: Math.random };
    this.#options = { ...system, ...options };
    this.identity = `${options.identity}_${randomUUID()}`;
    const { duration, renewDeadline, retry } = this.#options.times;
    if (duration > renewDeadline && renewDeadline > 2 * retry) return;
    throw new Error('a lease has to last longer than the renew deadline, and that longer than two retries');
  }

  /**
   * Whether this process leads at this very moment. Says no even where the signal could not be aborted in time: after a
   * machine was suspended, its timers come late and its clock may have missed the time.
   */
  get leading(): boolean {
    const { clock, wall } = this.#options;
    const until = this.#term?.until;
    return until !== undefined && clock.now() < until.now && wall() < until.wall;
  }

  /** Begins to run for the lease; does not wait for it. */
  async start(): Promise<void> {
    this.#ended = this.#run();
  }

  /** Ceases to lead and gives the lease back, so whatever the leader does has to have ended before. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endTerm('it stops');
    this.#cut?.abort(new Error('leader election stops'));
    this.#wake?.();
    await this.#ended;
    if (this.#view?.holder !== this.identity) return;
    await this.#limited(RELEASE_LIMIT, signal => this.#release(signal)).catch((fault: unknown) =>
      this.#options.log.debug(
        { err: fault },
        'could not give the lease back; the next leader has to wait for its end',
      ),
    );
  }

  async #run(): Promise<void> {
    const { times, random } = this.#options;
    while (!this.#stopped) {
      const wait = await this.#attempt();
      await this.#pause(Math.min(wait, times.retry * (0.8 + 0.4 * random())));
    }
  }

  /**
   * Never throws. Returns after how many milliseconds there may be something to do, if the next look does not come
   * first.
   */
  async #attempt(): Promise<number> {
    const { times, log } = this.#options;
    if (this.#term !== undefined && !this.leading)
      this.#endTerm('time has passed that this process did not see');
    try {
      const wait = await this.#limited(times.renewDeadline / 2, signal => this.#claim(signal));
      if (this.#fault !== undefined) log.info('the lease can be read and written again');
      this.#fault = undefined;
      return wait;
    } catch (fault) {
      if (!this.#stopped) this.#note(fault);
      return times.retry;
    }
  }

  /** Looks at the lease, and takes or renews it if it may. */
  async #claim(signal: AbortSignal): Promise<number> {
    const { client, clock, wall, times } = this.#options;
    const raw = await client.get(RESOURCES.leases, this.#place, signal);
    signal.throwIfAborted();
    const seen = clock.now();
    const before = this.#view?.holder;
    const view = observe(this.#view, raw, seen, times.duration);
    this.#view = view;
    if (view.holder !== this.identity && view.holder !== before) this.#overtaken(view.holder);
    const claim = { identity: this.identity, place: this.#place, duration: times.duration };
    const step = nextStep(view, claim, seen, wall());
    if (step.do === 'wait') return step.until - seen;
    // Others may see the renewal from this moment on, and count from when they do.
    const asked = { now: clock.now(), wall: wall() };
    if (step.do === 'create') await client.create(RESOURCES.leases, this.#place, step.manifest);
    else await client.replace(RESOURCES.leases, this.#place, step.manifest, signal);
    signal.throwIfAborted();
    this.#view = { ...view, holder: this.identity };
    this.#renewed(asked);
    return times.retry;
  }

  async #release(signal: AbortSignal): Promise<void> {
    const { client, wall } = this.#options;
    const raw = await client.get(RESOURCES.leases, this.#place, signal);
    const manifest = released(raw, this.identity, wall());
    if (manifest !== undefined) await client.replace(RESOURCES.leases, this.#place, manifest, signal);
  }

  #overtaken(holder: string): void {
    this.#endTerm(holder === '' ? 'somebody has emptied the lease' : `${holder} has taken the lease`);
    if (holder !== '') this.#options.log.info({ holder }, 'another process leads');
  }

  #renewed(asked: Term['until']): void {
    const { clock, wall, times } = this.#options;
    const { renewDeadline } = times;
    const until = { now: asked.now + renewDeadline, wall: asked.wall + renewDeadline };
    if (clock.now() >= until.now || wall() >= until.wall) throw new Error('the answer came too late');
    const term = this.#term ?? { end: new AbortController(), until, cancelDeadline: () => {} };
    term.until = until;
    term.cancelDeadline();
    const late = () =>
      this.#endTerm(
        `the lease was not renewed for ${renewDeadline / 1_000} s: ${this.#fault ?? 'no answer'}`,
      );
    term.cancelDeadline = clock.after(until.now - clock.now(), late);
    if (this.#term !== undefined) return;
    this.#term = term;
    this.#options.log.info({ identity: this.identity }, 'this process leads');
    this.#tell(() => this.#options.gained(term.end.signal));
  }

  #endTerm(reason: string): void {
    const term = this.#term;
    if (term === undefined) return;
    this.#term = undefined;
    term.cancelDeadline();
    term.end.abort(new Error(`this process does not lead any more: ${reason}`));
    this.#options.log.warn({ reason }, 'this process does not lead any more');
    this.#tell(() => this.#options.lost(reason));
  }

  #tell(callback: () => void): void {
    try {
      callback();
    } catch (fault) {
      this.#options.log.error({ err: fault }, 'a change of leadership could not be dealt with');
    }
  }

  /** Once, until it works again; that somebody else was faster is nothing to tell. */
  #note(fault: unknown): void {
    if (fault instanceof ApiError && fault.status === 409) return;
    const { log, namespace, name } = this.#options;
    if (this.#fault === undefined) {
      log.warn(
        { err: fault },
        `cannot read and write Lease ${namespace}/${name}; trying again until it works`,
      );
    }
    this.#fault = messageOf(fault);
  }

  get #place(): { namespace: string; name: string } {
    const { namespace, name } = this.#options;
    return { namespace, name };
  }

  #pause(delay: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise(resolve => {
      const cancel = this.#options.clock.after(Math.max(delay, 1), resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Ends at the limit whatever the client does: `create` takes no signal. */
  async #limited<T>(limit: number, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const cut = new AbortController();
    this.#cut = cut;
    const { promise, reject } = Promise.withResolvers<never>();
    cut.signal.addEventListener('abort', () => reject(cut.signal.reason));
    const cancel = this.#options.clock.after(limit, () =>
      cut.abort(new Error(`no answer within ${limit / 1_000} s`)),
    );
    try {
      return await Promise.race([task(cut.signal), promise]);
    } finally {
      cancel();
    }
  }
}
