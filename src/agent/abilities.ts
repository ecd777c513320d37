import type { Commands } from '../kernel/commands.ts';
import { IPIP } from '../kernel/ipip.ts';
import type { Wanted } from '../kernel/keeper.ts';
import type { Marks } from '../routes/model.ts';

/** What the host is able to, found out as long as somebody wants it. */
export class Abilities {
  readonly #ipip: IPIP;
  readonly #missing: (what: string) => void;
  #found: true | string | undefined;

  /** @param missing is told of what is wanted and cannot be, and again where the reason is another */
  constructor(commands: Commands, marks: Marks, missing: (what: string) => void) {
    this.#ipip = new IPIP(commands, marks.ipip.device);
    this.#missing = missing;
  }

  /**
   * What is wanted, with what the host can do of it.
   *
   * @throws CausewayError KERNEL_UNREADABLE
   */
  async of(wanted: Wanted): Promise<Wanted> {
    if (!wanted.policies.some(({ modes }) => modes.includes('ipip'))) return wanted;
    const ipip = await this.#ipip.find();
    if (ipip !== true && ipip !== this.#found) this.#missing(`ipip: ${ipip}; the next way is taken`);
    this.#found = ipip;
    return { ...wanted, local: { ...wanted.local, ipip } };
  }
}
