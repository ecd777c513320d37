import type { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

/** Ends threads of this process from outside: what a crash of theirs looks like to those who started them. */
export class Workers {
  readonly #all: Worker[] = [];
  #doomed = false;

  /** Watches every thread that is started until the test is over. */
  constructor() {
    const started = (worker: Worker) => {
      this.#all.push(worker);
      worker.once('exit', () => this.#all.splice(this.#all.indexOf(worker), 1));
      if (this.#doomed) void worker.terminate();
    };
    process.on('worker', started);
    onTestFinished(() => {
      process.off('worker', started);
    });
  }

  /** Ends all, or the first few, of those that run. */
  async end(count = this.#all.length): Promise<void> {
    await Promise.all(this.#all.slice(0, count).map(worker => worker.terminate()));
  }

  /** From now on none gets to do anything. */
  doom(): Promise<void> {
    this.#doomed = true;
    return this.end();
  }

  spare(): void {
    this.#doomed = false;
  }
}
