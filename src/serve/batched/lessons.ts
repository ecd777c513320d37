import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { FastPath } from '../../answer/fast-path.ts';
import { type AnswerMessage, readyAnswer } from '../../answer/ready-answer.ts';
import type { Signals } from './signals.ts';

/** What comes back for a query that the thread lacked the answer for. */
export interface Lesson {
  /** The query's, as it was handed over with. */
  readonly question: number;
  /** Undefined: the slow path replied, but made nothing that could be kept. */
  readonly answer: AnswerMessage | undefined;
}

export interface LessonsOptions {
  readonly port: MessagePort;
  /** How many were sent to threads before this one, and went with them. */
  readonly taken: number;
  readonly signals: Signals;
  readonly fastPath: FastPath;
}

/** Lessons taken in between two batches, so that no query waits longer behind those of others. */
const MOST_TAKEN_IN = 64;

/** What the slow path sends to one serving thread, which looks for it between two batches. */
export class Lessons {
  readonly #options: LessonsOptions;
  #taken: number;

  constructor(options: LessonsOptions) {
    this.#options = options;
    this.#taken = options.taken;
  }

  /** Keeps the answers that were sent meanwhile, and tells of each question that the slow path is done with. */
  takeIn(done: (question: number) => void): void {
    const { port, signals, fastPath } = this.#options;
    for (let room = MOST_TAKEN_IN; room > 0 && this.#taken !== signals.sent; room -= 1) {
      const next = receiveMessageOnPort(port);
      if (next === undefined) return;
      this.#taken = (this.#taken + 1) | 0;
      const { question, answer }: Lesson = next.message;
      if (answer !== undefined) fastPath.keep(readyAnswer(answer));
      done(question);
    }
  }

  /** Waits for the next one, where none is there. */
  wait(milliseconds: number): void {
    this.#options.signals.awaitSent(this.#taken, milliseconds);
  }
}
