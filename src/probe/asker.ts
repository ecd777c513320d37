import type { AddressFamily } from '../base/ip.ts';
import type { Target } from '../paths/target.ts';

/** Where this node's questions come from, by family: the answers have to come back the way of the pods' packets. */
export type Sources = Readonly<Partial<Record<AddressFamily, string>>>;

/** What came of a question by TCP. `unable`: this node could not ask, which says nothing about the path. */
export type StreamResult = 'answered' | 'refused' | 'lost' | 'unable';

export interface Question {
  readonly target: Target;
  /** Octets. */
  readonly size: number;
  readonly nonce: bigint;
}

/** How questions get out of this process. */
export interface Asker {
  /** From now on questions come from there. */
  from(sources: Sources): void;
  /** Sends a datagram; an answer is told to `answered`. Returns whether it could be sent. */
  datagram(question: Question): boolean;
  /** Asks by a connection of its own. Never rejects. */
  stream(question: Question): Promise<StreamResult>;
  stop(): void;
}

/** A whole answer that came by UDP; nobody has looked yet whether it was asked for. */
export type Answered = (address: string, size: number, nonce: bigint) => void;
