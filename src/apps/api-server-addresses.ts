import type { Clock } from '../base/clock.ts';
import { parseAddress } from '../base/ip.ts';

export interface LookUpParts {
  /** URL of an API server. */
  readonly server: string;
  readonly clock: Clock;
  /** All addresses of a host, as the host's own resolver knows them. @throws where it knows none */
  readonly lookUp: (host: string) => Promise<readonly string[]>;
}

/** Milliseconds between two questions. */
const AT_MOST_EVERY = 60_000;

/**
 * Where an API server is that is known by its URL. Its name is asked for again and again: an agent may start before
 * there is anybody who answers, and what is known is kept until there is another answer.
 */
export class APIServerAddresses {
  readonly #parts: LookUpParts;
  #known: readonly string[] = [];
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(parts: LookUpParts) {
    this.#parts = parts;
  }

  /** As far as they are known; nobody waits for a resolver that is silent. */
  get known(): readonly string[] {
    if (this.#parts.clock.now() >= this.#notBefore) void this.ask();
    return this.#known;
  }

  /** Resolves with the answer, or when there is none. */
  async ask(): Promise<void> {
    const { server, clock, lookUp } = this.#parts;
    this.#notBefore = clock.now() + AT_MOST_EVERY;
    const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
    const found = await lookUp(host).catch(() => []);
    const addresses = found.flatMap(address => parseAddress(address) ?? []);
    if (addresses.length > 0) this.#known = addresses;
  }
}
