/** How far what is written trails behind what is heard of one remote cluster. Milliseconds. */
export interface LagOfRemote {
  /** From hearing of a change to having written all that follows from it; of the change that was written last. */
  readonly last?: number;
  /** Services that a change was heard of, and that are not written yet. */
  readonly waiting: number;
  /** For how long the one waits that waits longest. */
  readonly longest?: number;
}

/** By remote cluster, when the first change was heard that is not written yet. */
type Heard = ReadonlyMap<string, number>;

/**
 * Measures how long news of remote clusters take to be written. One lives as long as a term: whoever does not lead
 * writes nothing, and what was heard before would count as late.
 */
export class WriteLag {
  readonly #now: () => number;
  /** By service. */
  readonly #waiting = new Map<string, Heard>();
  readonly #underWay = new Map<string, Heard>();
  readonly #last = new Map<string, number>();

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** News of a service came from a remote cluster. */
  heard(key: string, remote: string): void {
    this.#waiting.set(key, earliest(new Map([[remote, this.#now()]]), this.#waiting.get(key)));
  }

  /** Writes what follows for a service. News that come meanwhile may not be in it, so they wait for the next time. */
  async during(key: string, write: () => Promise<void>): Promise<void> {
    const heard = this.#waiting.get(key);
    if (heard === undefined) return write();
    this.#waiting.delete(key);
    this.#underWay.set(key, heard);
    try {
      await write();
      for (const [remote, at] of heard) this.#last.set(remote, this.#now() - at);
    } catch (fault) {
      this.#waiting.set(key, earliest(heard, this.#waiting.get(key)));
      throw fault;
    } finally {
      this.#underWay.delete(key);
    }
  }

  of(remote: string): LagOfRemote {
    const heard = [...this.#waiting.values(), ...this.#underWay.values()];
    const times = heard.flatMap(each => each.get(remote) ?? []);
    const last = this.#last.get(remote);
    return {
      ...(last === undefined ? {} : { last }),
      waiting: times.length,
      ...(times.length === 0 ? {} : { longest: this.#now() - times.reduce((one, at) => Math.min(one, at)) }),
    };
  }
}

function earliest(one: Heard, other: Heard = new Map()): Heard {
  const both = new Map(one);
  for (const [remote, at] of other) both.set(remote, Math.min(at, both.get(remote) ?? at));
  return both;
}
