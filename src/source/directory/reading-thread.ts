import { Worker } from 'node:worker_threads';
import { messageOf } from '../../base/errors.ts';
import { brokenReading, type FileReading } from './reading.ts';
import type { ReadingPart } from './worker.ts';

/** Milliseconds for one file: what takes longer holds up all other files. */
const TIME_LIMIT = 10_000;
/** MiB of heap for one file: without a bound, 64 MiB of YAML would take the whole process down. */
const HEAP_LIMIT = 1024;

interface Request {
  readonly path: string;
  readonly objects: FileReading['objects'];
  readonly resolve: (reading: FileReading) => void;
}

/** Reads large files one after the other in a thread, which is there from the first such file on. */
export class ReadingThread {
  /** The first is being read. */
  readonly #requests: Request[] = [];
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Never rejects: what is wrong with the file is in its reading. */
  read(path: string): Promise<FileReading> {
    return new Promise(resolve => {
      this.#requests.push({ path, objects: new Map(), resolve });
      if (this.#requests.length === 1) this.#begin();
    });
  }

  /** What is still asked for is never answered. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#requests.length = 0;
    await this.#worker?.terminate();
  }

  #begin(): void {
    const [request] = this.#requests;
    if (request === undefined) return;
    this.#worker ??= this.#start();
    this.#worker.postMessage(request.path);
    this.#timer = setTimeout(() => {
      this.#abandon(`takes longer than ${TIME_LIMIT / 1000} s to read: split it, or give it as JSON`);
    }, TIME_LIMIT);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT },
    });
    worker.on('message', (text: string) => this.#receive(JSON.parse(text)));
    worker.on('error', error => {
      if (worker === this.#worker) this.#abandon(`cannot be read: ${messageOf(error)}`);
    });
    return worker;
  }

  #receive({ placed, remarks }: ReadingPart): void {
    const [request] = this.#requests;
    if (request === undefined) return;
    for (const one of placed) request.objects.set(one.identity, one);
    if (remarks !== undefined) this.#finish({ remarks, objects: request.objects });
  }

  /** The worker is given up, and with it the file it was at; the next file gets a new one. */
  #abandon(reason: string): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    this.#finish(brokenReading(reason));
  }

  #finish(reading: FileReading): void {
    clearTimeout(this.#timer);
    this.#requests.shift()?.resolve(reading);
    this.#begin();
  }
}
