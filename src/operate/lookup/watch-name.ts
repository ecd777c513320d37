import { setTimeout as sleep } from 'node:timers/promises';
import { type LookupFacts, whyOf } from '../../lookup/facts.ts';
import { Watch } from '../../lookup/watch.ts';
import type { Watched, WatchedChange } from '../../views/watched.ts';
import { askAll, withRemotes } from './look-up.ts';
import type { LookupTargets } from './targets.ts';

/** Milliseconds from one round of questions to the next. */
const EVERY = 500;
/** Milliseconds that the end may take. */
const LAST_WORD = 2_000;

export interface Watching {
  /** As it stood at the end. */
  readonly facts: LookupFacts;
  readonly watched: Watched;
}

/**
 * Asks every server again and again, until the signal ends it; that is how it ends well.
 *
 * @param first as it stood at the beginning
 * @param told of every change
 */
export async function watchName(
  targets: LookupTargets,
  first: LookupFacts,
  told: (change: WatchedChange) => void,
  signal: AbortSignal,
): Promise<Watching> {
  const watch = new Watch(Date.now());
  // Who is none of ours is not asked why again and again.
  const daemons = targets.daemons.filter(
    ({ name }) => targets.areOurs || first.explanations.some(({ server }) => server === name),
  );
  let facts = first;
  try {
    for (;;) {
      const round = sleep(EVERY, undefined, { signal });
      // Its end may come while the servers are waited for.
      round.catch(() => {});
      facts = await askAll({ ...targets, daemons }, first.question, signal);
      const at = Date.now();
      for (const { server, asked } of facts.servers) {
        const change = watch.take({ at, server, asked, why: whyOfServer(facts, server) });
        if (change !== undefined) told(change);
      }
      await round;
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    const watched = watch.summary(Date.now());
    return { facts: await withRemotes(targets, facts, AbortSignal.timeout(LAST_WORD)), watched };
  }
}

/** What it says itself, if it is a daemon; else what the first daemon says. */
function whyOfServer({ explanations }: LookupFacts, server: string): ReturnType<typeof whyOf> {
  const own = explanations.filter(each => each.server === server);
  return whyOf(own.length > 0 ? own : explanations);
}
