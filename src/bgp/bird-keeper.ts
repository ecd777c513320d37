import type { Clock } from '../base/clock.ts';
import { WorkQueue } from '../base/queue.ts';
import type { Pass } from '../kernel/keeper.ts';
import { birdConfig } from '../routes/bgp/bird-config.ts';
import type { SessionState } from '../routes/bgp/bird-sessions.ts';
import { keepingHeld, type Speaker } from '../routes/bgp/speaker.ts';
import type { Marks } from '../routes/model.ts';
import type { Bird } from './bird.ts';

export interface BirdKeeperOptions {
  readonly bird: Bird;
  readonly marks: Marks;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** By the address of the neighbor; read anew each time, so that a changed one is taken up. */
  readonly passwords: () => Promise<ReadonlyMap<string, string>>;
  /** What was done to the daemon. */
  readonly did: (what: 'started' | 'configured' | 'ended') => void;
  /** How its sessions stand, after every look. */
  readonly seen: (sessions: readonly SessionState[]) => void;
  /** A look that could not be finished, and in how many milliseconds the next one comes. */
  readonly failed: (reason: unknown, retryIn: number) => void;
}

/** Milliseconds between two looks; a daemon that died is missed for as long. */
const BETWEEN = 2_000;
const KEY = 'bird';

/**
 * Keeps the BGP daemon to what is wanted: one that runs is taken over with its sessions as they are, one that died is
 * started again, and one that runs by another configuration gets ours. Ending this changes nothing.
 */
export class BirdKeeper {
  readonly #options: BirdKeeperOptions;
  readonly #queue: WorkQueue;
  /** Undefined while that is not known; then nothing is done. */
  #wanted: { readonly speaker: Speaker | undefined; readonly held: ReadonlySet<string> } | undefined;
  /** What this process told the daemon last. */
  #told: Speaker | undefined;

  constructor(options: BirdKeeperOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      clock: options.clock,
      random: options.random,
      concurrency: 1,
      work: () => this.#look(),
      failed: (_key, reason, retryIn) => options.failed(reason, retryIn),
    });
  }

  /** What the last look at the kernel came to (`kernel/keeper.ts`). */
  want({ plan: { speaker }, held }: Pick<Pass, 'plan' | 'held'>): void {
    const { table } = this.#options.marks.bgp;
    const blocks = held.flatMap(({ entries }) =>
      entries.flatMap(entry => (entry.kind === 'route' && entry.table === table ? [entry.destination] : [])),
    );
    this.#wanted = { speaker, held: new Set(blocks) };
    this.#queue.add(KEY);
  }

  /** Resolves when the look that is under way has ended. */
  stop(): Promise<void> {
    return this.#queue.stop();
  }

  async #look(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    this.#queue.addAfter(KEY, BETWEEN);
    const { bird, seen } = this.#options;
    const speaker = keepingHeld(wanted.speaker, this.#told, wanted.held);
    if (speaker === undefined) return this.#without();
    if (speaker === 'AsItIs') await this.#asItIs(wanted.speaker);
    else await this.#keepTo(speaker);
    seen(await bird.sessions());
  }

  async #keepTo(speaker: Speaker): Promise<void> {
    const { bird, marks, passwords, did } = this.#options;
    const config = birdConfig(speaker, { marks, logFile: bird.logFile, passwords: await passwords() });
    const running = await bird.running();
    if (running === undefined) {
      await bird.start(config);
      did('started');
    } else if (running !== config.fingerprint) {
      await bird.configure(config);
      did('configured');
    }
    this.#told = speaker;
  }

  /** Some of what it does may not end yet, and nobody here knows which part. */
  async #asItIs(speaker: Speaker | undefined): Promise<void> {
    const { bird, did } = this.#options;
    if ((await bird.running()) !== undefined) return;
    // Without a configuration of before there are no sessions of before either that could be kept.
    if (!(await bird.hasConfig())) return speaker && this.#keepTo(speaker);
    await bird.start();
    did('started');
  }

  async #without(): Promise<void> {
    const { bird, did, seen } = this.#options;
    this.#told = undefined;
    if (await bird.hasConfig()) {
      await bird.end();
      did('ended');
    }
    seen([]);
  }
}
