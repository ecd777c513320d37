import { LeaderElection } from '../../src/kube/lease.ts';
import { loggerTo } from '../../src/ops/log.ts';
import { VirtualClock } from './clock.ts';
import { LeaseStore, type Way } from './lease-store.ts';
import { seededRandom } from './random.ts';

/** One process that wants to lead. */
export interface Candidate {
  readonly election: LeaderElection;
  readonly way: Way;
  /** Gains and losses, with the reasons. */
  readonly told: string[];
  /** Of the last gain. */
  signal: AbortSignal | undefined;
  /** How far its time of day is off; changing it is a jump. Milliseconds. */
  wallOffset: number;
  /** Nothing of it runs any more. */
  kill(): void;
}

/** Processes that want to lead, one API server, and the time that goes by between them. */
export class Candidates {
  readonly clock = new VirtualClock();
  readonly store = new LeaseStore(this.clock);
  readonly all: Candidate[] = [];
  readonly logs: { level: string; msg: string }[] = [];
  readonly #random: () => number;
  /** Those that led at one time; more than one is what must never be. */
  readonly mostAtOnce = { count: 0 };

  constructor(seed = 1) {
    this.#random = seededRandom(seed);
  }

  async start(name: string, delay = 5): Promise<Candidate> {
    const { clock } = this;
    const way: Way = { delay, broken: undefined };
    let alive = true;
    const log = loggerTo({ write: line => void this.logs.push(JSON.parse(line)) }, 'info');
    const candidate: Candidate = {
      way,
      told: [],
      signal: undefined,
      wallOffset: 0,
      kill: () => {
        alive = false;
        way.broken = 'no-request';
      },
      election: new LeaderElection({
        client: this.store.clientBy(way),
        namespace: 'causeway-system',
        name: 'controller',
        identity: name,
        log,
        gained: signal => {
          candidate.signal = signal;
          candidate.told.push('gained');
          this.#count();
        },
        lost: reason => candidate.told.push(reason),
        clock: {
          now: () => clock.now(),
          after: (wait, callback) => clock.after(wait, () => alive && callback()),
        },
        wall: () => Date.UTC(2030, 0, 1) + clock.now() + candidate.wallOffset,
        random: this.#random,
      }),
    };
    this.all.push(candidate);
    await candidate.election.start();
    return candidate;
  }

  /** Lets time go by in small steps, looking after each who leads. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.clock.now() + milliseconds;
    while (this.clock.now() < end) {
      await this.clock.advance(Math.min(50, end - this.clock.now()));
      this.#count();
    }
  }

  /** Time until that candidate leads. */
  async untilLeading({ election }: Candidate, most: number): Promise<number> {
    const began = this.clock.now();
    while (!election.leading && this.clock.now() < began + most) await this.pass(50);
    return this.clock.now() - began;
  }

  #count(): void {
    const leading = this.all.filter(({ election }) => election.leading).length;
    this.mostAtOnce.count = Math.max(this.mostAtOnce.count, leading);
  }
}
