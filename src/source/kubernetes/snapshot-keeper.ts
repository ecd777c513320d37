import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../ops/log.ts';
import type { SourceMetrics } from '../../ops/metrics.ts';
import type { Pace } from '../pace.ts';
import { writeLines } from './snapshot-file.ts';

/** Between two writes at least, in milliseconds. */
const REST = 5_000;
/**
 * And at least so many times as long as the last write took: where everything changes all the time it must not be all
 * we do.
 */
const REST_SHARE = 20;

export interface SnapshotKeeperOptions {
  readonly path: string;
  /** What is to be written, as it is when it is asked for. */
  readonly lines: () => Iterable<string>;
  readonly pace: Pace;
  readonly log: Logger;
  readonly metrics: SourceMetrics;
  /** Milliseconds between two writes; for tests. */
  readonly rest?: number;
}

/** Keeps a snapshot on disk that is never much older than the state. */
export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions;
  readonly #stop = new AbortController();
  #changed = false;
  #running: Promise<void> | undefined;
  #failing = false;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
  }

  /** The state is another than when it was last written. */
  changed(): void {
    this.#changed = true;
    this.#running ??= this.#write().finally(() => {
      this.#running = undefined;
    });
  }

  /** What is being written is given up; the snapshot before it stays. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #write(): Promise<void> {
    const { rest = REST } = this.#options;
    while (this.#changed && !this.#stop.signal.aborted) {
      this.#changed = false;
      const began = performance.now();
      // One that failed is tried again, changes or none: the disk may have room by then.
      if (!(await this.#writeOnce())) this.#changed = true;
      await this.#sleep(Math.max(rest, REST_SHARE * (performance.now() - began)));
    }
  }

  /** Returns whether it worked. */
  async #writeOnce(): Promise<boolean> {
    const { path, lines, pace, log, metrics } = this.#options;
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeLines(path, lines(), pace, this.#stop.signal);
      metrics.snapshotsOk++;
      if (this.#failing) log.info({ file: path }, 'snapshot is written again');
      this.#failing = false;
      return true;
    } catch (thrown) {
      if (this.#stop.signal.aborted) return false;
      metrics.snapshotsFailed++;
      const message =
        'snapshot cannot be written: should the API server be away at the next start, there is none to serve';
      if (!this.#failing) log.warn({ file: path, reason: messageOf(thrown) }, message);
      this.#failing = true;
      return false;
    }
  }

  async #sleep(milliseconds: number): Promise<void> {
    // Cut short, it rejects; the loop looks at the signal by itself.
    await setTimeout(milliseconds, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}
