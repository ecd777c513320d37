import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Bird } from '../bgp/bird.ts';
import { BirdKeeper } from '../bgp/bird-keeper.ts';
import type { Pass } from '../kernel/keeper.ts';
import type { Logger } from '../ops/log.ts';
import type { SessionState } from '../routes/bgp/bird-sessions.ts';
import { steadyState } from '../routes/bgp/sessions-to.ts';
import type { Marks } from '../routes/model.ts';

export interface SpeakingParts {
  readonly bird: Bird;
  /** By the address of the neighbor. */
  readonly passwords: () => Promise<ReadonlyMap<string, string>>;
}

export interface SpeakingOptions extends SpeakingParts {
  readonly marks: Marks;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly log: Logger;
  /** A session has come to be established, or is so no more; or it is not known any more, or is. */
  readonly changed: () => void;
}

/** This node's part in BGP: keeps the daemon to what was planned, and says in the log what becomes of its sessions. */
export class Speaking {
  readonly #keeper: BirdKeeper;
  readonly #log: Logger;
  readonly #changed: () => void;
  #sessions: readonly SessionState[] = [];

  constructor({ log, changed, ...options }: SpeakingOptions) {
    this.#log = log;
    this.#changed = changed;
    this.#keeper = new BirdKeeper({
      ...options,
      did: what => log.info(`BIRD, the BGP daemon, was ${what}`),
      seen: sessions => this.#seen(sessions),
      failed: (reason, retryIn) => {
        log.error({ reason: messageOf(reason), retryIn }, 'BGP is not as it shall be');
        this.#take(this.#sessions.map(session => ({ ...session, state: 'Unknown' })));
      },
    });
  }

  /** How the sessions stood at the last look; which there are and nothing more where that failed. */
  get sessions(): readonly SessionState[] {
    return this.#sessions;
  }

  /** What the last look at the kernel came to. */
  take(pass: Pick<Pass, 'plan' | 'held'>): void {
    this.#keeper.want(pass);
  }

  /** The daemon and its routes stay. */
  stop(): Promise<void> {
    return this.#keeper.stop();
  }

  #seen(sessions: readonly SessionState[]): void {
    const before = new Map(this.#sessions.map(session => [session.name, session]));
    for (const session of sessions) {
      const was = before.get(session.name)?.state === 'Established';
      const { neighbor, state, problem } = session;
      if (state === 'Established' && !was) this.#log.info({ neighbor }, 'BGP session up');
      if (state !== 'Established' && was) this.#log.warn({ neighbor, state, problem }, 'BGP session down');
    }
    this.#take(sessions);
  }

  #take(sessions: readonly SessionState[]): void {
    const before = toldOf(this.#sessions);
    this.#sessions = sessions;
    if (toldOf(sessions) !== before) this.#changed();
  }
}

function toldOf(sessions: readonly SessionState[]): string {
  return sessions.map(session => `${session.name} ${steadyState(session)}`).join();
}
