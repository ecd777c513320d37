import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import { messageOf } from '../../base/errors.ts';

interface Watch {
  readonly identity: string;
  readonly watcher: FSWatcher;
}

/**
 * One notification watch for every directory of the tree. What a notification says is not looked at: file systems
 * differ in it, events get lost when many come, and a name may already mean something else. It only says "look there
 * again".
 */
export class Watches {
  readonly #hint: () => void;
  readonly #watches = new Map<string, Watch>();
  #entered = new Set<string>();
  #changed = new Set<string>();
  #fault: string | undefined;

  constructor(hint: () => void) {
    this.#hint = hint;
  }

  /** Why some directories are not watched, if so. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * A look at the whole tree begins.
   *
   * @returns the directories that may have changed since the last one began, those that were not watched among them
   */
  begin(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    this.#entered = new Set();
    this.#fault = undefined;
    return changed;
  }

  /** Watches a directory, anew where the path leads to another one than before (a ConfigMap's `..data`). */
  enter(directory: string, identity: string): void {
    this.#entered.add(directory);
    if (this.#watches.get(directory)?.identity === identity) return;
    this.#drop(directory);
    try {
      const watcher = watch(directory, (_event, name) => {
        // The directory itself was moved or removed: this watch hangs on something that is no longer there.
        if (name === basename(directory)) this.#drop(directory);
        this.#changed.add(directory);
        this.#hint();
      });
      watcher.on('error', () => this.#drop(directory));
      this.#watches.set(directory, { identity, watcher });
    } catch (thrown) {
      this.#fault = messageOf(thrown);
      this.#changed.add(directory);
    }
  }

  /** The look has ended: watches on what is gone are given back. */
  end(): void {
    for (const directory of this.#watches.keys()) {
      if (!this.#entered.has(directory)) this.#drop(directory);
    }
  }

  close(): void {
    for (const directory of this.#watches.keys()) this.#drop(directory);
  }

  #drop(directory: string): void {
    this.#watches.get(directory)?.watcher.close();
    this.#watches.delete(directory);
    this.#changed.add(directory);
  }
}
