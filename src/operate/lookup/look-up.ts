import { setTimeout as sleep } from 'node:timers/promises';
import { CausewayError } from '../../base/errors.ts';
import type { Asked, LookupFacts } from '../../lookup/facts.ts';
import type { Question } from '../../lookup/question.ts';
import type { LookupServer, LookupTargets } from './targets.ts';

/** Questions under way at once: enough to be quick, few enough to be no load. */
const AT_ONCE = 16;

/** A TTL that counts down in a cache shows after a second at the latest. */
const CACHE_SHOWS = 1_200;

/**
 * Asks every server once, and every daemon why.
 *
 * @throws CausewayError DNS_UNREACHABLE where no server answers
 */
export async function lookUp(
  targets: LookupTargets,
  question: Question,
  signal: AbortSignal,
): Promise<LookupFacts> {
  const facts = await askAll(targets, question, signal);
  if (facts.servers.every(({ asked }) => !asked.answered)) {
    throw unreachable(targets, question, facts.servers);
  }
  return withRemotes(targets, facts, signal);
}

/** One round of questions, whatever comes of it. */
export async function askAll(
  targets: LookupTargets,
  question: Question,
  signal: AbortSignal,
): Promise<LookupFacts> {
  // One after the other: what is needed for the second must not count as time that the first took.
  const servers = await Promise.all(
    targets.servers.map(async ({ name, ask }) => ({ server: name, asked: await ask(question, signal) })),
  );
  const explanations = await Promise.all(
    targets.daemons.map(async ({ name, explain }) => ({
      server: name,
      explained: await explain(question, signal),
    })),
  );
  const known = explanations.filter(({ explained }) => explained.explained || targets.areOurs);
  return { question, asked: targets.asked, servers, explanations: known, remotes: [] };
}

/** Since when clusters are held for lost, if any is. */
export async function withRemotes(
  targets: LookupTargets,
  facts: LookupFacts,
  signal: AbortSignal,
): Promise<LookupFacts> {
  const isLost = facts.explanations.some(
    ({ explained }) => explained.explained && explained.why.clusters.some(({ serving }) => !serving),
  );
  return isLost ? { ...facts, remotes: await targets.remotes(signal) } : facts;
}

/**
 * Asks so many times, in turn those that answered before.
 *
 * @param told how many answers there are so far
 */
export async function drawMany(
  targets: LookupTargets,
  { question, servers }: LookupFacts,
  count: number,
  told: (done: number) => void,
  signal: AbortSignal,
): Promise<NonNullable<LookupFacts['draws']>> {
  const answering = targets.servers.filter((_, index) => servers[index]?.asked.answered);
  const began = performance.now();
  const asked: Asked[] = [];
  let next = 0;
  const ask = async ({ ask: put }: LookupServer) => {
    asked.push(await put(question, signal));
    told(asked.length);
  };
  // The last one comes late, to see whether a cache has aged meanwhile.
  const early = targets.asked === 'replicas' ? count : count - 1;
  const worker = async () => {
    while (next < early) {
      const server = answering[next++ % answering.length];
      if (server !== undefined) await ask(server);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const seconds = (performance.now() - began) / 1000;
  const [first] = answering;
  if (early < count && first !== undefined) {
    await sleep(Math.max(0, CACHE_SHOWS - seconds * 1000), undefined, { signal });
    await ask(first);
  }
  return { asked, seconds };
}

function unreachable(
  { remedy }: LookupTargets,
  question: Question,
  servers: LookupFacts['servers'],
): CausewayError {
  const reasons = servers.map(
    ({ server, asked }) => `${server}: ${asked.answered ? 'answered' : asked.reason}`,
  );
  return new CausewayError(
    'DNS_UNREACHABLE',
    `could not ask for ${question.name} ${question.type}: ${reasons.join('; ')}; ${remedy(question)}`,
  );
}
