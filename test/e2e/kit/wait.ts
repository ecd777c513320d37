import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';

/**
 * Looks until what it sees holds, and returns that. Where it never does, the error says what was waited for and what
 * was seen last, in YAML, or what looking threw.
 * @param limit milliseconds
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean = Boolean,
  limit = 15_000,
): Promise<T> {
  const deadline = Date.now() + limit;
  for (let pause = 10; ; pause = Math.min(pause * 1.5, 200)) {
    let last: string;
    try {
      const seen = await look();
      if (holds(seen)) return seen;
      last = seen === undefined ? 'nothing' : `\n${stringify(seen)}`;
    } catch (error) {
      last = String(error);
    }
    if (Date.now() > deadline) throw new Error(`not within ${limit} ms: ${what}; last seen: ${last}`);
    await sleep(pause);
  }
}

/** Looks again and again for some milliseconds; throws as `waitFor` does when what it sees does not hold even once. */
export async function staysFor<T>(
  what: string,
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean = Boolean,
  milliseconds = 5_000,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (Date.now() < deadline) {
    const seen = await look();
    if (!holds(seen)) throw new Error(`did not stay: ${what}; seen: ${stringify(seen)}`);
    await sleep(200);
  }
}
