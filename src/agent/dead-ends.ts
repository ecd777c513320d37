import type { Clock } from '../base/clock.ts';
import { clustersWithoutWay } from '../paths/target.ts';
import type { Plan } from '../routes/plan.ts';

/** Milliseconds: after a start keys and devices come one after the other, and so long nobody is cut off for it. */
const PATIENCE = 10_000;

/**
 * Clusters of which no node can be reached in any way that is allowed, such as encrypted where there are no keys.
 * Nobody has to be asked to know that nothing gets through.
 */
export class DeadEnds {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #since = new Map<string, { readonly time: number; readonly cancel: () => void }>();

  /** @param changed called when the patience with one has ended */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  take(plan: Pick<Plan, 'peers' | 'faults'>): void {
    const found = clustersWithoutWay(plan);
    for (const [cluster, { cancel }] of this.#since) {
      if (found.has(cluster)) continue;
      cancel();
      this.#since.delete(cluster);
    }
    for (const cluster of found) {
      if (this.#since.has(cluster)) continue;
      const cancel = this.#clock.after(PATIENCE, this.#changed);
      this.#since.set(cluster, { time: this.#clock.now(), cancel });
    }
  }

  /** Every one, and whether it has been one for long enough to say so. */
  get clusters(): ReadonlyMap<string, 'down' | undefined> {
    const now = this.#clock.now();
    const found = Array.from(
      this.#since,
      ([cluster, { time }]) => [cluster, now - time >= PATIENCE ? 'down' : undefined] as const,
    );
    return new Map(found);
  }

  stop(): void {
    for (const { cancel } of this.#since.values()) cancel();
    this.#since.clear();
  }
}
