import type { Problem } from '../../objects/problem.ts';
import type { Logger } from '../../ops/log.ts';

/** Most problems told: whoever can write ten thousand bad objects must not fill the log, nor our memory. */
const MOST = 1_000;

/** Tells what is wrong with objects once, however often they are read. */
export class ProblemLog {
  readonly #log: Logger;
  readonly #told = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  tell(problems: readonly Problem[]): void {
    for (const { severity, object, field, message } of problems) {
      const text = [object, field ?? '', message].join('\n');
      if (this.#told.has(text) || this.#told.size > MOST) continue;
      this.#told.add(text);
      if (this.#told.size > MOST) {
        this.#log.warn({ more: true }, 'more problems of objects are not listed until the next start');
        continue;
      }
      const fields = { code: 'OBJECT_INVALID', object, ...(field === undefined ? {} : { field }) };
      this.#log[severity === 'error' ? 'error' : 'warn'](fields, message);
    }
  }
}
