import type { CoreDnsReplica } from './facts.ts';
import { runningStanza } from './replica.ts';

/** What the pods of one Corefile are to come to. */
export interface Aim {
  readonly zone: string;
  /** Whether a block of that zone is in the text. */
  readonly present: boolean;
  /** Whether the text has just been changed. */
  readonly changed: boolean;
  /** Whether the block was there before, so that its being there says nothing of the new text. */
  readonly renewed: boolean;
}

/**
 * How a pod took a text. `runs`: it has it at work. `waits`: it runs another one, or is not ready. `refused`: CoreDNS
 * did not take it up, or ends with it. `unseen`: nothing can be said.
 */
export interface TakingUp {
  readonly state: 'runs' | 'waits' | 'refused' | 'unseen';
  /** In a few words, after the name of the pod. */
  readonly says: string;
}

const RUNS: TakingUp = { state: 'runs', says: 'runs it' };

/** @param before the same pod before the change; undefined: it has started since */
export function takingUp(now: CoreDnsReplica, before: CoreDnsReplica | undefined, aim: Aim): TakingUp {
  const { pod, running } = now;
  const ends = pod.restarts - (before?.pod.restarts ?? 0);
  if (!pod.ready) return notReady(now, before, ends);
  if ('unknown' in running) return { state: 'unseen', says: `does not tell: ${running.unknown}` };
  const former =
    ends === 0 && before !== undefined ? before.running : { value: { seen: undefined, refusals: 0 } };
  const { zones, tells, seen, refusals } = running.value;
  if ('value' in former && refusals > former.value.refusals) {
    return { state: 'refused', says: 'does not take up the new Corefile, and goes on with the old one' };
  }
  if (zones.length === 0) return { state: 'unseen', says: 'does not tell: no block has `prometheus`' };
  if (runningStanza(zones, aim.zone).present !== aim.present) {
    return { state: 'waits', says: aim.present ? 'runs without the stanza' : 'still runs with the stanza' };
  }
  if (!aim.changed || before === undefined || ends !== 0) return RUNS;
  if ('unknown' in former) {
    return aim.renewed
      ? { state: 'unseen', says: 'did not tell before: what it took up is not known' }
      : RUNS;
  }
  // The new blocks tell of themselves while the old ones still answer; a text is seen when these have stopped, and none
  // is meanwhile. Before its first change a pod has seen none, and a CoreDNS that never tells is taken at its word.
  const isNew = seen !== undefined && seen !== former.value.seen;
  const isTaken = isNew || (!tells && !aim.renewed);
  if (isTaken) return RUNS;
  // It forgets the former text when it begins, and knows the new one when it is done.
  const hasBegun = seen === undefined && (former.value.seen !== undefined || !aim.renewed);
  return {
    state: 'waits',
    says: hasBegun
      ? 'has not come to the end of its reload; one that nobody asks may hang there'
      : 'has not taken up the new Corefile yet',
  };
}

function notReady({ pod }: CoreDnsReplica, before: CoreDnsReplica | undefined, ends: number): TakingUp {
  const why = pod.waiting === undefined ? '' : `: ${pod.waiting}`;
  // One end may have another cause; who ends twice, or has ended so often that it is made to wait, ends with this text.
  if (ends >= 2 || (ends >= 1 && why.includes('CrashLoopBackOff'))) {
    return { state: 'refused', says: `ends with the new Corefile${why}` };
  }
  if (before !== undefined && !before.pod.ready && ends === 0) {
    return { state: 'unseen', says: `was not ready before either${why}` };
  }
  return { state: 'waits', says: `is not ready${why}` };
}

/** What all pods together come to. `done`: all of them run it. */
export type Outcome = 'done' | 'waiting' | 'refused' | 'unseen';

export function outcomeOf(pods: readonly TakingUp[], { changed }: Pick<Aim, 'changed'>): Outcome {
  const some = (state: TakingUp['state']) => pods.some(pod => pod.state === state);
  if (some('refused')) return 'refused';
  if (some('waits')) return 'waiting';
  if (pods.length === 0) return 'unseen';
  // What does not tell may do so once it has a new text; an old one will not change that.
  if (some('unseen')) return changed ? 'waiting' : 'unseen';
  return 'done';
}

/**
 * What is to be done when there is no more time. `take-back`: a pod is known not to run the new text, and would perhaps
 * not start with it.
 */
export function verdictAtEnd(pods: readonly TakingUp[]): 'done' | 'take-back' | 'unseen' {
  if (pods.some(({ state }) => state === 'refused' || state === 'waits')) return 'take-back';
  return pods.length > 0 && pods.every(({ state }) => state === 'runs') ? 'done' : 'unseen';
}
