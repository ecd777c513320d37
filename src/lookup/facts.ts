import type { RemoteClusterObject } from '../objects/shapes.ts';
import type { Explanation } from '../views/explanation.ts';
import type { DnsReply } from './message.ts';
import type { Question } from './question.ts';

/** What came of asking one server once. */
export type Asked =
  | {
      readonly answered: true;
      readonly transport: 'udp' | 'tcp' | 'http';
      readonly milliseconds: number;
      readonly reply: DnsReply;
    }
  | { readonly answered: false; readonly reason: string };

/** What a DNS daemon said about the why, or why it did not. */
export type Explained =
  | { readonly explained: true; readonly why: Explanation }
  | { readonly explained: false; readonly reason: string };

/** One server, and what it said. */
export interface ServerFacts {
  /** A pod, or an address and a port. */
  readonly server: string;
  readonly asked: Asked;
}

export interface ExplainedFacts {
  readonly server: string;
  readonly explained: Explained;
}

/** All that was found out about one question. */
export interface LookupFacts {
  readonly question: Question;
  readonly asked: 'replicas' | 'server' | 'coredns';
  readonly servers: readonly ServerFacts[];
  /** Of each daemon that was asked why; empty: there was none to ask. */
  readonly explanations: readonly ExplainedFacts[];
  /** With -n: every answer. */
  readonly draws?: { readonly asked: readonly Asked[]; readonly seconds: number };
  /** What the controller says of other clusters; empty where that could not be read. */
  readonly remotes: readonly RemoteClusterObject[];
}

/** The explanation that counts: the first. */
export function whyOf(explanations: readonly ExplainedFacts[]): Explanation | undefined {
  return explanations.flatMap(({ explained }) => (explained.explained ? [explained.why] : []))[0];
}
