import type { Pass } from '../kernel/keeper.ts';
import type { Logger } from '../ops/log.ts';
import { faultText, heldText } from '../routes/report.ts';

/** Most lines about faults that one pass adds to the log; metrics and /debug/peers have them all. */
const MOST_LINES = 20;

/** Says in the log what has changed from pass to pass, and never the same twice in a row. */
export class PassLog {
  readonly #log: Logger;
  #told: ReadonlySet<string> = new Set();
  #failure: string | undefined;
  #waiting: string | undefined;
  #tunnels: string | undefined;
  #renewed: string | undefined;
  #notes: readonly string[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  passed({ plan, operations, held, refused }: Pass): void {
    this.#waiting = undefined;
    if (refused.length === 0 && this.#failure !== undefined) {
      this.#log.info('the kernel is as it shall be again');
      this.#failure = undefined;
    }
    if (operations.length > 0) {
      const kinds = Object.groupBy(operations, ({ verb, entry }) => `${verb} ${entry.kind}`);
      const counts = Object.entries(kinds).map(([kind, all = []]) => [kind, all.length]);
      this.#log.info({ operations: Object.fromEntries(counts) }, 'changed the kernel');
    }
    const now = new Set([...held.map(heldText), ...plan.faults.map(faultText)]);
    const news = [...now].filter(line => !this.#told.has(line));
    for (const line of news.slice(0, MOST_LINES)) this.#log.warn(line);
    if (news.length > MOST_LINES)
      this.#log.warn(`${news.length - MOST_LINES} more of the like: see /debug/peers`);
    this.#told = now;
  }

  failed(reason: string, retryIn: number): void {
    if (reason === this.#failure) return;
    this.#failure = reason;
    this.#log.warn({ reason, retryIn: Math.round(retryIn) }, 'the kernel could not be made what it shall be');
  }

  tunnelsFailed(reason: string): void {
    if (reason === this.#tunnels) return;
    this.#tunnels = reason;
    this.#log.warn({ reason }, 'the WireGuard tunnels could not be looked after');
  }

  peersRenewed(device: string, publicKeys: ReadonlySet<string>): void {
    const peers = [...publicKeys].slice(0, MOST_LINES);
    const told = JSON.stringify([device, peers]);
    if (told === this.#renewed) return;
    this.#renewed = told;
    const what = 'these WireGuard peers ask for sessions, and come to none: they are put anew';
    this.#log.info({ device, count: publicKeys.size, peers }, what);
  }

  /** Of what an operator said and what does not come about. */
  noted(notes: readonly string[]): void {
    for (const note of notes) if (!this.#notes.includes(note)) this.#log.warn(note);
    this.#notes = notes;
  }

  waiting(reason: string): void {
    if (reason === this.#waiting) return;
    this.#waiting = reason;
    this.#log.warn(`nothing is done until this is known: ${reason}`);
  }
}
