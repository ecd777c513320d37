import type { Asked, Explained, LookupFacts } from '../../lookup/facts.ts';
import type { Question } from '../../lookup/question.ts';
import type { RemoteClusterObject } from '../../objects/shapes.ts';
import { readExplanation } from '../../views/explanation.ts';

/** A server that is asked. */
export interface LookupServer {
  /** A pod, or an address and a port. */
  readonly name: string;
  /** Throws nothing but what `signal` is aborted with. */
  readonly ask: (question: Question, signal: AbortSignal) => Promise<Asked>;
}

/** A DNS daemon that can say why. */
export interface Daemon {
  readonly name: string;
  /** Throws nothing but what `signal` is aborted with. */
  readonly explain: (question: Question, signal: AbortSignal) => Promise<Explained>;
}

/** Who is asked, and who else has something to say. */
export interface LookupTargets {
  readonly asked: LookupFacts['asked'];
  /** At least one. */
  readonly servers: readonly LookupServer[];
  readonly daemons: readonly Daemon[];
  /** Whether the daemons are known to be ours, so that one without an explanation is worth a word. */
  readonly areOurs: boolean;
  /** Empty where it cannot be read. */
  readonly remotes: (signal: AbortSignal) => Promise<readonly RemoteClusterObject[]>;
  /** What to do where none of the servers answers. */
  readonly remedy: (question: Question) => string;
}

/** Port of a DNS daemon's page, and the page itself. */
export function explanationPath({ name, type }: Question): string {
  return `/debug/resolve?${new URLSearchParams({ name, type })}`;
}

export function explainedBy(text: string): Explained {
  const why = readExplanation(text);
  if (why === undefined) return { explained: false, reason: 'its page /debug/resolve is not understood' };
  return { explained: true, why };
}
