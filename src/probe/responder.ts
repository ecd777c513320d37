import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { Answering } from './answering.ts';
import { SourceLimits } from './source-limits.ts';

export interface ResponderOptions {
  readonly clock: Clock;
  readonly port: number;
  /** It cannot be listened at an address and could not for a while. Called once until it can or says something else. */
  readonly failed: (address: string, reason: unknown) => void;
}

/** Milliseconds between attempts, and how many may fail unsaid: an address comes with the set-up of the kernel. */
const RETRY = 1_000;
const UNSAID = 5;

/** Answers the probes of other clusters' nodes at this node's addresses in its pod network, and nowhere else. */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #limits: SourceLimits;
  readonly #places = new Map<string, Place>();

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#limits = new SourceLimits(options.clock.now());
  }

  /** From now on these are the addresses. */
  at(addresses: Iterable<string>): void {
    const wanted = new Set(addresses);
    for (const [address, place] of this.#places) {
      if (wanted.has(address)) continue;
      place.stop();
      this.#places.delete(address);
    }
    for (const address of wanted) {
      if (!this.#places.has(address))
        this.#places.set(address, new Place(address, this.#options, this.#limits));
    }
  }

  /** Where it listens now. */
  get listening(): string[] {
    return [...this.#places].filter(([, place]) => place.listens).map(([address]) => address);
  }

  stop(): void {
    this.at([]);
  }
}

/** One address: listens there, and tries again for as long as that fails. */
class Place {
  readonly #address: string;
  readonly #options: ResponderOptions;
  readonly #limits: SourceLimits;
  #answering: Answering | undefined;
  #listens = false;
  #failures = 0;
  #said = '';
  #cancel = () => {};

  constructor(address: string, options: ResponderOptions, limits: SourceLimits) {
    this.#address = address;
    this.#options = options;
    this.#limits = limits;
    void this.#start();
  }

  get listens(): boolean {
    return this.#listens;
  }

  stop(): void {
    this.#cancel();
    this.#answering?.stop();
    this.#answering = undefined;
    this.#listens = false;
  }

  async #start(): Promise<void> {
    const { clock, port } = this.#options;
    const answering = new Answering({ address: this.#address, port, clock, limits: this.#limits });
    this.#answering = answering;
    try {
      await answering.start(() => this.#again(answering, new Error('the socket was closed')));
    } catch (error) {
      this.#again(answering, error);
      return;
    }
    // Stopped meanwhile.
    if (this.#answering !== answering) answering.stop();
    else [this.#listens, this.#failures, this.#said] = [true, 0, ''];
  }

  #again(answering: Answering, reason: unknown): void {
    answering.stop();
    if (this.#answering !== answering) return;
    this.#listens = false;
    this.#failures += 1;
    if (this.#failures > UNSAID && messageOf(reason) !== this.#said) {
      this.#said = messageOf(reason);
      this.#options.failed(this.#address, reason);
    }
    this.#cancel = this.#options.clock.after(RETRY, () => void this.#start());
  }
}
