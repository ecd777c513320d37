import type { Pass } from '../kernel/keeper.ts';
import { Buckets } from '../ops/buckets.ts';
import type { Operation } from '../routes/diff.ts';
import { type EntryKind, keyOf, sameEntry } from '../routes/entry.ts';

/** Seconds; a pass that has nothing to do takes some hundredths, the first one at thousands of peers more than one. */
const BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What the passes of this process came to, as plain numbers. */
export class Tally {
  readonly seconds = new Buckets(BOUNDS);
  readonly operations = new Map<EntryKind, number>();
  readonly passes = { ok: 0, failed: 0 };
  /** Operations that were needed although nothing else was wanted than before: somebody else had changed something. */
  repairs = 0;
  refused = 0;
  /** Seconds since the epoch, of the last pass after which the kernel was as it shall be. */
  lastFullSync: number | undefined;
  #last: Pass | undefined;

  /** The pass before this moment. */
  get last(): Pass | undefined {
    return this.#last;
  }

  /** @param unixSeconds now */
  take(pass: Pass, unixSeconds: number): void {
    this.seconds.add(pass.milliseconds / 1_000);
    for (const operation of pass.operations) {
      const { kind } = operation.entry;
      this.operations.set(kind, (this.operations.get(kind) ?? 0) + 1);
      if (this.#last !== undefined && isRepair(operation, this.#last)) this.repairs += 1;
    }
    this.refused += pass.refusedAhead + pass.refused.length;
    this.#last = pass;
    if (pass.refused.length > 0) return;
    this.lastFullSync = unixSeconds;
    this.passes.ok += 1;
  }

  /** A pass that did not come to its end, or after which the kernel was not as it shall be. */
  failed(): void {
    this.passes.failed += 1;
  }
}

function isRepair({ verb, entry }: Operation, { plan, held, refused }: Pass): boolean {
  if (refused.length > 0) return false;
  const key = keyOf(entry);
  const before = plan.entries.get(key)?.entry;
  if (verb === 'put') return before !== undefined && sameEntry(before, entry);
  return before === undefined && !held.some(({ entries }) => entries.some(one => keyOf(one) === key));
}
