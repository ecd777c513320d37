import type { Logger } from '../../ops/log.ts';

/** Something that is wrong now. */
export interface Note {
  readonly level: 'warn' | 'error';
  /** Tells it from every other one. */
  readonly id: string;
  /** A note that changes its version is told again. */
  readonly version: string;
  readonly message: string;
  /** Log fields: where, which object, which field. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Logged when the note is gone. Absent: nothing is. */
  readonly mended?: string;
}

/** Lines logged at once: ten thousand broken files are one fault, and the log must not be the second. */
const MOST_LINES = 100;

/** Tells what is wrong once, when it begins, by comparing what is wrong now with what was wrong before. */
export class Report {
  readonly #log: Logger;
  #told = new Map<string, Note>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param notes all that is wrong now */
  update(notes: Iterable<Note>): void {
    const now = new Map<string, Note>();
    for (const note of notes) now.set(note.id, note);
    const fresh = [...now.values()].filter(({ id, version }) => this.#told.get(id)?.version !== version);
    for (const { level, fields, message } of fresh.slice(0, MOST_LINES)) this.#log[level](fields, message);
    const rest = fresh.length - MOST_LINES;
    if (rest > 0) this.#log.warn({ more: rest }, 'more problems were found at once and are not listed');
    for (const { id, mended, fields } of this.#told.values()) {
      if (mended !== undefined && !now.has(id)) this.#log.info(fields, mended);
    }
    this.#told = now;
  }
}
