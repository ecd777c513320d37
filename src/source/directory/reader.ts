import { messageOf } from '../../base/errors.ts';
import type { Pace } from '../pace.ts';
import { readBytes } from './bytes.ts';
import { brokenReading, type FileReading, readSteps } from './reading.ts';
import { ReadingThread } from './reading-thread.ts';
import type { FoundFile } from './scan.ts';

const MEBIBYTE = 1024 * 1024;
/** Octets of JSON that are parsed here: some ten milliseconds for which no query is answered. */
const MAX_JSON_HERE = 2 * MEBIBYTE;
/** Octets of YAML that are parsed here: YAML takes a hundred times as long. */
const MAX_YAML_HERE = 16 * 1024;

/** Reads files into readings: at `pace` what is soon parsed, in a thread of its own what would hold up the answers. */
export class FileReader {
  readonly #pace: Pace;
  readonly #thread = new ReadingThread();
  /** The last parse asked for here. */
  #parse: Promise<unknown> = Promise.resolve();

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** Never throws: what is wrong with the file is in its reading. */
  async read(path: string, { size, fault }: FoundFile): Promise<FileReading> {
    if (fault !== undefined) return brokenReading(fault);
    if (size > MAX_JSON_HERE) return this.#thread.read(path);
    let bytes: Buffer;
    try {
      bytes = await readBytes(path);
    } catch (thrown) {
      // The disk's fault may pass without the file's changing.
      return { ...brokenReading(messageOf(thrown)), transient: true };
    }
    const parse = this.#parse.then(() => this.#readHere(bytes));
    this.#parse = parse;
    return (await parse) ?? (await this.#thread.read(path));
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }

  /**
   * Undefined: it would take too long here. To be called one at a time: what was parsed of a file is short-lived, but
   * not if it has to wait for fifteen others.
   */
  async #readHere(bytes: Buffer): Promise<FileReading | undefined> {
    const steps = readSteps(bytes, bytes.length <= MAX_YAML_HERE);
    for (;;) {
      if (this.#pace.due) await this.#pace.breathe();
      const { done, value } = steps.next();
      if (done) return value;
    }
  }
}
