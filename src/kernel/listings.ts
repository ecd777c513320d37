import { type Entry, type KernelState, stateOf } from '../routes/entry.ts';
import { askText, readJson } from './ask.ts';
import type { Commands } from './commands.ts';

/** How a list is asked for, and what the program says where there is none. */
export interface Question {
  readonly program: string;
  readonly args: readonly string[];
  readonly nothing?: readonly string[];
  readonly read: (json: unknown) => readonly Entry[];
}

interface Listing {
  readonly output: string;
  readonly entries: KernelState;
}

const NOTHING: KernelState = new Map();

/**
 * Long lists of entries as programs print them. The programs are asked every time; but what is printed letter for
 * letter as it was the last time is not read again, and at rest that is everything. With the routes to 5,000 nodes it
 * saves most of the time of a look, and the garbage that decides how large the process is.
 */
export class Listings {
  readonly #commands: Commands;
  /** By the command line: as many as there are questions. */
  readonly #last = new Map<string, Listing>();

  constructor(commands: Commands) {
    this.#commands = commands;
  }

  /** @throws CausewayError KERNEL_UNREADABLE */
  async list({ program, args, nothing = [], read }: Question): Promise<KernelState> {
    const output = await askText(this.#commands, program, args, ...nothing);
    if (output === undefined) return NOTHING;
    const question = [program, ...args].join(' ');
    const last = this.#last.get(question);
    if (last?.output === output) return last.entries;
    const entries = stateOf(read(readJson(output, program, args)));
    this.#last.set(question, { output, entries });
    return entries;
  }
}
