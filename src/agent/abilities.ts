import type { Commands } from '../kernel/commands.ts';
import { findIPIP } from '../kernel/ipip.ts';
import type { Wanted } from '../kernel/keeper.ts';
import type { Marks } from '../routes/model.ts';

/** What the host is able to, found out when somebody wants it for the first time in this process's life. */
export class Abilities {
  readonly #commands: Commands;
  readonly #marks: Marks;
  readonly #missing: (what: string) => void;
  #ipip: true | string | undefined;

  /** @param missing is told, once, of what is wanted and cannot be */
  constructor(commands: Commands, marks: Marks, missing: (what: string) => void) {
    this.#commands = commands;
    this.#marks = marks;
    this.#missing = missing;
  }

  /** What is wanted, with what the host can do of it. */
  async of(wanted: Wanted): Promise<Wanted> {
    if (!wanted.policies.some(({ modes }) => modes.includes('ipip'))) return wanted;
    if (this.#ipip === undefined) {
      this.#ipip = await findIPIP(this.#commands, this.#marks.ipip.device);
      if (this.#ipip !== true) this.#missing(`ipip: ${this.#ipip}; the next way is taken`);
    }
    return { ...wanted, local: { ...wanted.local, ipip: this.#ipip } };
  }
}
