const STOP = 0;
const SENT = 1;
const PENDING = 2;
const LOST = 3;
const WAITING = 4;
const WORDS = 5;

/**
 * What a serving thread and the one that started it tell each other in shared memory: the serving one blocks in the
 * kernel, and its event loop never turns.
 */
export class Signals {
  /** For the other thread, which makes its own signals of it. */
  readonly words: Int32Array;

  /** @param words made by `Signals.words()` */
  constructor(words: Int32Array) {
    this.words = words;
  }

  static words(): Int32Array {
    return new Int32Array(new SharedArrayBuffer(4 * WORDS));
  }

  stop(): void {
    Atomics.store(this.words, STOP, 1);
    Atomics.notify(this.words, STOP);
  }

  get stopping(): boolean {
    return Atomics.load(this.words, STOP) !== 0;
  }

  /** Waits, but not once it is told to stop. */
  pause(milliseconds: number): void {
    Atomics.wait(this.words, STOP, 0, milliseconds);
  }

  /** Answers sent to the serving thread so far, modulo 2^32. */
  get sent(): number {
    return Atomics.load(this.words, SENT);
  }

  /** Called after an answer was sent. */
  countSent(): void {
    Atomics.add(this.words, SENT, 1);
    Atomics.notify(this.words, SENT);
  }

  /** Waits until another answer was sent than the `taken`th. */
  awaitSent(taken: number, milliseconds: number): void {
    Atomics.wait(this.words, SENT, taken, milliseconds);
  }

  /** Queries handed over to the slow path that it has not yet replied to. */
  get pending(): number {
    return Atomics.load(this.words, PENDING);
  }

  addPending(count: number): void {
    Atomics.add(this.words, PENDING, count);
  }

  /** Queries in the serving thread that wait for the answer to another one. */
  get waiting(): number {
    return Atomics.load(this.words, WAITING);
  }

  set waiting(count: number) {
    Atomics.store(this.words, WAITING, count);
  }

  /** Datagrams that found no room in the socket's buffer, modulo 2^32. */
  get lost(): number {
    return Atomics.load(this.words, LOST) >>> 0;
  }

  set lost(count: number) {
    Atomics.store(this.words, LOST, count | 0);
  }
}
