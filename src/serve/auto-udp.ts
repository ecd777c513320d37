import { setTimeout as sleep } from 'node:timers/promises';
import { CausewayError, messageOf } from '../base/errors.ts';
import type { Logger } from '../ops/log.ts';
import { type BoundAddress, formatAddress, type ListenAddress, type UdpSide } from './transport.ts';

export interface AutoUdpOptions {
  readonly listen: ListenAddress;
  /** Makes the better transport, which calls `failing` when it cannot go on. */
  readonly batched: (failing: (reason: string) => void) => UdpSide;
  /** Makes the one that every system has. */
  readonly dgram: (listen: ListenAddress) => UdpSide;
  readonly log: Logger;
}

/** Milliseconds before a port that was given up is tried again: somebody else may have taken it meanwhile. */
const RETRY = 1_000;

/** UDP in batches for as long as that works, and from then on by `dgram`. */
export class AutoUdp implements UdpSide {
  readonly name = 'udp';
  readonly #options: AutoUdpOptions;
  readonly #stopping = new AbortController();
  #current: UdpSide;
  #bound: ListenAddress;
  /** Resolves once `start` is over, whatever came of it. */
  readonly #started = Promise.withResolvers<void>();
  #change: Promise<void> | undefined;

  constructor(options: AutoUdpOptions) {
    this.#options = options;
    this.#bound = options.listen;
    this.#current = options.batched(reason => {
      this.#change ??= this.#started.promise.then(() => this.#goOver(reason));
    });
  }

  get kind(): UdpSide['kind'] {
    return this.#current.kind;
  }

  get serving(): number {
    return this.#current.serving;
  }

  async start(): Promise<BoundAddress[]> {
    try {
      const bound = await this.#current.start();
      this.#bound = bound[0] ?? this.#bound;
      return bound;
    } catch (error) {
      // What keeps one from an address keeps the other from it.
      const isRefused = error instanceof CausewayError && error.code === 'LISTEN_FAILED';
      if (isRefused || this.#stopping.signal.aborted) throw error;
      // Its advice is for those who asked for batches and nothing else.
      this.#tell(messageOf((error instanceof CausewayError && error.cause) || error));
      this.#current = this.#options.dgram(this.#options.listen);
      return await this.#current.start();
    } finally {
      this.#started.resolve();
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // Of the one that is gone over from, and, once that is over, of the one gone over to.
    await this.#current.stop();
    await this.#change;
    await this.#current.stop();
  }

  async #goOver(reason: string): Promise<void> {
    if (this.kind === 'dgram' || this.#stopping.signal.aborted) return;
    this.#tell(reason);
    await this.#current.stop();
    this.#current = this.#options.dgram(this.#bound);
    const { signal } = this.#stopping;
    for (let said = false; !signal.aborted; said = true) {
      try {
        await this.#current.start();
        return;
      } catch (error) {
        if (!said)
          this.#options.log.error({ err: error }, 'nobody answers udp here; tried again each second');
        await sleep(RETRY, undefined, { signal }).catch(() => {});
      }
    }
  }

  #tell(reason: string): void {
    const { log } = this.#options;
    log.warn(
      { reason, listen: formatAddress(this.#bound) },
      'batched udp transport failed; dgram takes over until the daemon is restarted',
    );
  }
}
