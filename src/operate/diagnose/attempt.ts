import { messageOf } from '../../base/errors.ts';
import type { Known } from '../../base/known.ts';
import type { Tried } from '../../diagnose/facts.ts';

/** What came of some work; that it failed is a value, so that one broken thing never hides another. */
export async function known<Value>(work: Promise<Value>): Promise<Known<Value>> {
  return work.then(
    value => ({ value }),
    (thrown: unknown) => ({ unknown: reasonOf(thrown) }),
  );
}

/** The same where failing is what is looked for. */
export async function tried<Value>(work: Promise<Value>): Promise<Tried<Value>> {
  return work.then(
    value => ({ value }),
    (thrown: unknown) => ({ failed: reasonOf(thrown) }),
  );
}

/** Aborted with the one given, or after so many milliseconds. */
export function limited(signal: AbortSignal, milliseconds: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
}

/**
 * What becomes of each item, in their order; at most so many are under way.
 *
 * @param work throws nothing
 */
export async function inTurns<Item, Value>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Value>,
): Promise<Value[]> {
  const found: Value[] = [];
  const rest = items.entries();
  // All take from the same iterator, so that each gets what no other has.
  const worker = async () => {
    for (const [index, item] of rest) found[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return found;
}

function reasonOf(thrown: unknown): string {
  const timedOut = thrown instanceof DOMException && thrown.name === 'TimeoutError';
  return timedOut ? 'no answer in time' : messageOf(thrown);
}
