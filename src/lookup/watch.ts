import type { Explanation } from '../views/explanation.ts';
import type { Watched, WatchedChange } from '../views/watched.ts';
import { addressBookOf, addressesIn, clustersIn } from './clusters.ts';
import type { Asked } from './facts.ts';

/** One question put to one server while a name is watched. */
export interface Tick {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly server: string;
  readonly asked: Asked;
  /** What a daemon said of the name at that moment. */
  readonly why: Explanation | undefined;
}

interface Seen {
  asked: number;
  missing: number;
  longestGap: number;
  /** Of the last answer, or of the first question. */
  lastAnswer: number;
  isMissing: boolean;
  readonly clusters: Map<string, number>;
  state: string;
}

/**
 * Follows a name. What it is told is what changes: the clusters that may be given, not the one of them that was drawn,
 * which changes with every question.
 */
export class Watch {
  readonly #servers = new Map<string, Seen>();
  readonly #changes: WatchedChange[] = [];
  readonly #began: number;

  constructor(began: number) {
    this.#began = began;
  }

  /** @returns what changed by it; undefined: nothing */
  take(tick: Tick): WatchedChange | undefined {
    const { at, server, asked } = tick;
    const seen = this.#servers.get(server) ?? {
      ...{ asked: 0, missing: 0, longestGap: 0, lastAnswer: at, isMissing: false, state: '' },
      clusters: new Map(),
    };
    this.#servers.set(server, seen);
    seen.asked += 1;
    if (asked.answered) answer(seen, tick);
    else {
      seen.missing += 1;
      seen.isMissing = true;
      seen.longestGap = Math.max(seen.longestGap, at - seen.lastAnswer);
    }
    const state = stateOf(tick);
    if (state === seen.state) return undefined;
    const change = { at: new Date(at).toISOString(), server, from: seen.state, to: state };
    seen.state = state;
    this.#changes.push(change);
    return change;
  }

  summary(now: number): Watched {
    return {
      seconds: (now - this.#began) / 1000,
      servers: [...this.#servers].map(([server, { asked, missing, longestGap, clusters }]) => ({
        ...{ server, asked, missing, longestGap },
        clusters: [...clusters].sort().map(([cluster, answers]) => ({ cluster, answers })),
      })),
      changes: this.#changes,
    };
  }
}

function answer(seen: Seen, { at, asked, why }: Tick): void {
  if (!asked.answered) return;
  if (seen.isMissing) seen.longestGap = Math.max(seen.longestGap, at - seen.lastAnswer);
  seen.isMissing = false;
  seen.lastAnswer = at;
  for (const cluster of clustersIn(asked.reply, addressBookOf(why))) {
    const name = cluster ?? 'unknown';
    seen.clusters.set(name, (seen.clusters.get(name) ?? 0) + 1);
  }
}

/** How it stands, in words that change only when it does. */
function stateOf({ asked, why }: Tick): string {
  if (!asked.answered) return `no answer: ${asked.reason}`;
  const { reply } = asked;
  if (reply.rcode !== 'NOERROR') return reply.rcode;
  if (reply.answers.length === 0) return 'no record';
  const addresses = addressesIn(reply);
  if (why === undefined) return [...new Set(addresses)].sort().join(' ') || 'an answer';
  const given = givenOf(why);
  const book = addressBookOf(why);
  // A cluster that is not to be given any more comes out of a cache, or of a replica that has not heard yet.
  const strange = clustersIn(reply, book).filter(
    cluster => cluster !== undefined && !given.includes(cluster),
  );
  const names = given.join(', ') || why.step;
  return [
    why.stale ? `${names} (stale: none serves)` : names,
    ...(strange.length === 0 ? [] : [`but ${strange.join(', ')} was given`]),
  ].join(', ');
}

/** Clusters that may be given. */
function givenOf({ step, clusters }: Explanation): string[] {
  return clusters
    .filter(({ share, leftOut, addresses }) =>
      step === 'drawn' ? share !== undefined : leftOut === undefined && addresses.length > 0,
    )
    .map(({ cluster }) => cluster);
}
