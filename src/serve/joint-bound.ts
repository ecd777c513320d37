/** What has octets in memory that somebody else decides about. */
export interface Holder {
  /** Whose it is: the address. */
  readonly owner: string;
  /** Octets that it holds now, at most. */
  readonly holding: number;
}

/** Down to which part of the bound is cut once it is passed: so it is passed rarely, however much is asked for. */
export const PART_LEFT = 0.75;

/**
 * A bound of what all connections of a server hold together. Over it those of the client that holds the most are cut
 * off, and not the largest one, which may be an honest transfer among a thousand small ones of one attacker. Bounds of
 * each connection alone would have to be so small, for thousands of them to be bearable, that honest clients met them.
 */
export class JointBound<Connection extends Holder> {
  readonly #most: number;
  readonly #cut: (connection: Connection) => void;
  /** What each held when it last said so; those that hold nothing are not in it. */
  readonly #held = new Map<Connection, number>();
  #sum = 0;
  /** What those held that were cut in this turn of the event loop: their memory is free when it has ended. */
  #leaving = 0;

  /**
   * @param most octets
   * @param cut closes a connection; called inside of `changed`
   */
  constructor(most: number, cut: (connection: Connection) => void) {
    this.#most = most;
    this.#cut = cut;
  }

  /**
   * Looks at every connection: octets that all hold now. What the kernel took meanwhile was told to nobody, as to hear
   * of every write would cost all replies a call.
   */
  recount(): number {
    for (const connection of this.#held.keys()) this.#note(connection, connection.holding);
    return this.#sum;
  }

  /** To be called when a connection may hold more or less than before. */
  changed(connection: Connection): void {
    this.#note(connection, connection.holding);
    if (this.#sum > this.#most && this.recount() > this.#most) this.#relieve();
  }

  /** For this turn of the event loop: who gets more now takes it beside what is not free yet. */
  get isFull(): boolean {
    return this.#sum + this.#leaving > this.#most;
  }

  /** Harmless where it has left before. */
  leave(connection: Connection): void {
    this.#note(connection, 0);
  }

  #note(connection: Connection, octets: number): void {
    const before = this.#held.get(connection) ?? 0;
    if (octets === before) return;
    this.#sum += octets - before;
    if (octets === 0) this.#held.delete(connection);
    else this.#held.set(connection, octets);
  }

  #relieve(): void {
    const before = this.#sum;
    for (const connection of this.#worstFirst()) {
      if (this.#sum <= this.#most * PART_LEFT) break;
      this.leave(connection);
      this.#cut(connection);
    }
    this.#leaving += before - this.#sum;
    setImmediate(() => {
      this.#leaving = 0;
    });
  }

  /** Always the largest of the client that holds the most without those before it. */
  #worstFirst(): Connection[] {
    const sums = new Map<string, number>();
    const leastFirst = [...this.#held].sort(([, one], [, other]) => one - other);
    const weighed = leastFirst.map(([connection, octets]) => {
      // It and all smaller ones: what its client holds when its turn comes.
      const weight = (sums.get(connection.owner) ?? 0) + octets;
      sums.set(connection.owner, weight);
      return { connection, weight };
    });
    return weighed.sort((one, other) => other.weight - one.weight).map(({ connection }) => connection);
  }
}
