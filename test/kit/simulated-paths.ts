import type { Clock } from '../../src/base/clock.ts';
import type { Answered, Asker, Question, Sources, StreamResult } from '../../src/probe/asker.ts';

type Fate = 'answers' | 'refuses' | 'dead';

/** A network with nodes that answer, refuse or are dead, and that can be cut or get narrow; a millisecond each way. */
export class SimulatedPaths implements Asker {
  /** Questions so far, by address. */
  readonly asked = new Map<string, number>();
  readonly #clock: Clock;
  readonly #fates = new Map<string, Fate>();
  #answered: Answered = () => {};
  #sources: Sources = {};
  cut = false;
  /** Octets of the largest message that gets through. */
  width = Number.POSITIVE_INFINITY;
  /** What is lost besides: UDP or TCP. */
  lossOf: 'datagrams' | 'streams' | undefined;
  /** Milliseconds there and back. */
  roundTrip = 2;
  /** Streams under way, and the most there ever were to one address. */
  readonly #streams = new Map<string, number>();
  mostStreams = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** As an asker that tells answers to `answered`. */
  answersTo(answered: Answered): this {
    this.#answered = answered;
    return this;
  }

  set(address: string, fate: Fate): void {
    this.#fates.set(address, fate);
  }

  /** An answer that comes from somewhere, asked for or not. */
  forge(...answer: Parameters<Answered>): void {
    this.#answered(...answer);
  }

  from(sources: Sources): void {
    this.#sources = sources;
  }

  datagram({ target: { address, family }, size, nonce }: Question): boolean {
    if (this.#sources[family] === undefined) return false;
    this.#count(address);
    const gets = this.#passes(size) && this.lossOf !== 'datagrams' && this.#fateOf(address) === 'answers';
    if (gets) this.#clock.after(this.roundTrip, () => this.#answered(address, size, nonce));
    return true;
  }

  stream({ target: { address, family }, size }: Question): Promise<StreamResult> {
    if (this.#sources[family] === undefined) return Promise.resolve('unable');
    this.#count(address);
    const open = (this.#streams.get(address) ?? 0) + 1;
    this.#streams.set(address, open);
    this.mostStreams = Math.max(this.mostStreams, open);
    const { promise, resolve } = Promise.withResolvers<StreamResult>();
    const result = this.#resultOf(address, size);
    this.#clock.after(result === 'lost' ? 1_500 : this.roundTrip, () => {
      this.#streams.set(address, (this.#streams.get(address) ?? 1) - 1);
      resolve(result);
    });
    return promise;
  }

  stop(): void {
    this.#sources = {};
  }

  #resultOf(address: string, size: number): StreamResult {
    const fate = this.#fateOf(address);
    if (this.cut || this.lossOf === 'streams' || fate === 'dead') return 'lost';
    if (fate === 'refuses') return 'refused';
    return this.#passes(size) ? 'answered' : 'lost';
  }

  #passes(size: number): boolean {
    return !this.cut && size <= this.width;
  }

  #fateOf(address: string): Fate {
    return this.#fates.get(address) ?? 'answers';
  }

  #count(address: string): void {
    this.asked.set(address, (this.asked.get(address) ?? 0) + 1);
  }
}
