import type { Worker } from 'node:worker_threads';
import { messageOf } from '../../base/errors.ts';
import { startThread } from '../../ops/thread.ts';
import { brokenReading, type FileReading } from './reading.ts';
import type { ReadingPart } from './worker.ts';

/** What one file may take. */
export interface ReadingLimits {
  /** Milliseconds: what takes longer holds up all other files. */
  readonly time: number;
  /** MiB of heap: without a bound, 64 MiB of YAML would take the whole process down. */
  readonly heap: number;
}

const LIMITS: ReadingLimits = { time: 10_000, heap: 1024 };
/** Milliseconds without a file after which the thread, and the memory that it has grown to, is given back. */
const IDLE = 10_000;

interface Request {
  readonly path: string;
  readonly objects: FileReading['objects'];
  readonly resolve: (reading: FileReading) => void;
}

/** Reads large files one after the other in a thread, which is there for as long as there are such files. */
export class ReadingThread {
  readonly #limits: ReadingLimits;
  /** The first is being read. */
  readonly #requests: Request[] = [];
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits = LIMITS) {
    this.#limits = limits;
  }

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
    clearTimeout(this.#timer);
    this.#worker ??= this.#start();
    this.#worker.postMessage(request.path);
    const { time } = this.#limits;
    this.#timer = setTimeout(() => {
      this.#abandon(`takes longer than ${time / 1000} s to read: split it, or give it as JSON`);
    }, time);
  }

  #start(): Worker {
    const worker = startThread(new URL('./worker.ts', import.meta.url), { heap: this.#limits.heap });
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
    this.#retire();
    this.#finish(brokenReading(reason));
  }

  #finish(reading: FileReading): void {
    clearTimeout(this.#timer);
    this.#requests.shift()?.resolve(reading);
    if (this.#requests.length > 0) this.#begin();
    else this.#timer = setTimeout(() => this.#retire(), IDLE);
  }

  #retire(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }
}
