import type { Clock } from '../base/clock.ts';
import { WorkQueue } from '../base/queue.ts';
import { blocksPerCluster, NO_MEMORY, withBlocks } from '../routes/brake.ts';
import { type Difference, difference, isAsPlanned, type Operation } from '../routes/diff.ts';
import { keyOf, OF_PEERS } from '../routes/entry.ts';
import type { Gates, Unknown } from '../routes/gates.ts';
import { encrypts } from '../routes/inputs.ts';
import { type Found, stateIn } from '../routes/keyed.ts';
import type { ClusterPolicy, Marks } from '../routes/model.ts';
import type { Plan } from '../routes/plan.ts';
import { changesBetween } from '../routes/plan-changes.ts';
import type { Kernel } from './kernel.ts';
import { Planner, type PlanWanted } from './planner.ts';
import type { Refusal } from './refusal.ts';

/** What the kernel is to be kept to, as it is known now. */
export interface Wanted extends PlanWanted {
  /** Clusters whose nodes have been heard completely in this process's life. */
  readonly synced: ReadonlySet<string>;
  /** Clusters of which many nodes may go at once. */
  readonly released: ReadonlySet<string>;
  readonly unknown?: readonly Unknown[];
}

/** What one look at the kernel came to. */
export interface Pass extends Pick<Difference, 'operations' | 'held'> {
  readonly plan: Plan;
  readonly refused: readonly Refusal[];
  /** How many operations were refused before the look; it has tried them again, and each try is one of `operations`. */
  readonly refusedAhead: number;
  readonly milliseconds: number;
}

export interface KeeperOptions {
  readonly kernel: Kernel;
  readonly marks: Marks;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Undefined while it is not known; then nothing is done. */
  readonly wanted: () => Promise<Wanted | undefined>;
  readonly passed: (pass: Pass) => void;
  /** A look that could not be finished, and in how many milliseconds the next one comes. */
  readonly failed: (reason: unknown, retryIn: number) => void;
}

/**
 * Milliseconds. What belongs together comes within the first; however much news there is, so long there is between two
 * looks; and what nobody told is found after the last.
 */
const TOGETHER = 50;
const BETWEEN = 500;
const WITHOUT_NEWS = 30_000;
const KEY = 'kernel';

/**
 * Keeps the kernel to what is wanted: looks at it at every news and every half minute, one look at a time, and repairs
 * whatever differs. Ending it changes nothing in the kernel; the next process takes up what is there.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #queue: WorkQueue;
  readonly #planner: Planner;
  #last: Look | undefined;
  /** For which cluster what is there, and was not planned at the last look, was planned before. */
  #formerOwners: ReadonlyMap<string, string> = new Map();
  #memory = NO_MEMORY;
  /** What the last look left there, if that is all of a plan and nothing else. */
  #reached: Plan | undefined;
  #changed = false;
  #notBefore = 0;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#planner = new Planner(options.kernel, options.marks);
    this.#queue = new WorkQueue({
      clock: options.clock,
      random: options.random,
      concurrency: 1,
      work: () =>
        this.#look().finally(() => {
          this.#notBefore = options.clock.now() + BETWEEN;
        }),
      failed: (_key, reason, retryIn) => options.failed(reason, retryIn),
    });
  }

  /** What is wanted has changed. */
  changed(): void {
    this.#changed = true;
    this.news();
  }

  /** The kernel may have changed. */
  news(): void {
    this.#queue.addAfter(KEY, Math.max(TOGETHER, this.#notBefore - this.#options.clock.now()));
  }

  /** Resolves when the look that is under way has ended. */
  stop(): Promise<void> {
    return this.#queue.stop();
  }

  async #look(): Promise<void> {
    this.#queue.addAfter(KEY, WITHOUT_NEWS);
    const { kernel, clock, passed } = this.#options;
    const begun = clock.now();
    const reached = this.#changed ? this.#reached : undefined;
    this.#changed = false;
    this.#reached = undefined;
    const wanted = await this.#options.wanted();
    if (wanted === undefined) return;
    const planned = await this.#planner.plan(wanted);
    const gates = { ...gatesOf(wanted, this.#owners), memory: this.#memory };
    const ahead = reached === undefined ? NOTHING_AHEAD : await this.#goAhead(reached, planned, gates);
    const last = this.#last;
    const now = await compare(kernel, planned, gates, last);
    const { found, operations, held } = now;
    this.#remember(planned, gates);
    const refused = await kernel.apply(operations);
    if (planned !== last?.plan || found !== last.found) this.#formerOwners = this.#ownersOf(now);
    this.#last = now;
    if (refused.length === 0 && held.length === 0) this.#reached = planned;
    passed({
      ...{ plan: planned, held, refused, refusedAhead: triedAgain(ahead, operations) },
      operations: [...ahead.operations, ...operations],
      milliseconds: clock.now() - begun,
    });
    if (refused.length > 0) throw new Error(`${refused[0]?.what}: ${refused[0]?.message}`);
  }

  /** For which cluster an entry that is there was planned, as far as this process knows. */
  get #owners(): Gates['owners'] {
    const [last, former] = [this.#last, this.#formerOwners];
    return { get: key => last?.plan.entries.get(key)?.cluster ?? former.get(key) };
  }

  #ownersOf({ plan: { entries }, found }: Look): ReadonlyMap<string, string> {
    const owners = new Map<string, string>();
    const before = this.#owners;
    for (const list of found)
      for (const { key } of list) {
        const owner = entries.has(key) ? undefined : before.get(key);
        if (owner !== undefined) owners.set(key, owner);
      }
    return owners;
  }

  /** Many nodes that go one after the other are as many as if they went at once. */
  #remember(planned: Plan, { clusters, released }: Gates): void {
    const fades = (cluster: string): boolean => !clusters.has(cluster) || released.has(cluster);
    this.#memory = withBlocks(this.#memory, blocksPerCluster(planned), fades, this.#options.clock.now());
  }

  /**
   * Does what would have to be done if all were still as the last look left it: to look at what thousands of peers need
   * takes longer than to change what one does. It is only an earlier try. The look that follows knows nothing of it,
   * and repairs what came of it where the kernel was not as it was believed to be. What a gate would have to be asked
   * for is left to that.
   */
  async #goAhead(reached: Plan, planned: Plan, gates: Gates): Promise<Ahead> {
    const { before, after } = changesBetween(reached, planned);
    const { operations, held } = difference(after, before, gates);
    if (held.length > 0 || !operations.every(({ entry }) => OF_PEERS.has(entry.kind))) return NOTHING_AHEAD;
    // The look tries the same, and says what is in the way.
    const refused = await this.#options.kernel.apply(operations).catch(() => undefined);
    return { operations, isDone: refused?.length === 0 };
  }
}

/** What was tried before the look. */
interface Ahead {
  readonly operations: readonly Operation[];
  /** Whether all of it went through; of how much did not, the look is the witness. */
  readonly isDone: boolean;
}

const NOTHING_AHEAD: Ahead = { operations: [], isDone: true };

/** How many of what was tried ahead the look still had to do. A refusal would not tell: it may be of a transaction. */
function triedAgain({ operations, isDone }: Ahead, later: readonly Operation[]): number {
  if (isDone) return 0;
  const named = ({ verb, entry }: Operation): string => `${verb} ${keyOf(entry)}`;
  const again = new Set(later.map(named));
  return operations.filter(one => again.has(named(one))).length;
}

/** What there is to do, without doing it. */
export interface Look extends Difference {
  readonly plan: Plan;
  readonly found: Found;
}

/** @param owners for which cluster each entry that is there was planned, as far as this process knows */
export async function look(
  kernel: Kernel,
  marks: Marks,
  wanted: Wanted,
  owners: Gates['owners'] = new Map(),
): Promise<Look> {
  return compare(kernel, await new Planner(kernel, marks).plan(wanted), gatesOf(wanted, owners));
}

/** @param last the look before: where nothing differed then and nothing has changed, nothing differs now */
async function compare(kernel: Kernel, planned: Plan, gates: Gates, last?: Look): Promise<Look> {
  const found = await kernel.find(planned.entries);
  const isSame = planned === last?.plan && found === last.found;
  if (isSame && isDone(last)) return last;
  const done = isAsPlanned(planned, found);
  return { ...(done ? DONE : difference(planned, stateIn(found), gates)), plan: planned, found };
}

const DONE: Difference = { operations: [], held: [] };

/** Whether what is there is what is planned. */
function isDone({ operations, held }: Difference): boolean {
  return operations.length === 0 && held.length === 0;
}

function gatesOf({ policies, synced, released, unknown = [] }: Wanted, owners: Gates['owners']): Gates {
  // One that is not to be routed to is given up like one that is gone.
  const isReached = (policy: ClusterPolicy): boolean =>
    encrypts(policy) || policy.modes.some(mode => mode !== 'none');
  const clusters = new Set(policies.filter(isReached).map(({ cluster }) => cluster));
  return { clusters, synced, released, owners, unknown };
}
