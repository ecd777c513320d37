import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { headlessMesh } from '../dns/mesh.ts';
import type { BenchZone } from '../dns/zone.ts';
import { byNamespace, recordAt } from './changing-zone.ts';

/** When each version of a namespace was in place, by its number. */
export type History = ReadonlyMap<string, readonly number[]>;

/**
 * Changes services in a mesh directory at a fixed rate. Every turn writes the file of one namespace anew, in which each
 * service has one endpoint replaced: 50 changes at once. A file that holds one service would be read for each change,
 * and what is measured is not the reading of files.
 */
export class Changer {
  /** Services that were changed so far. */
  changes = 0;
  readonly #root: string;
  readonly #zone: BenchZone;
  readonly #now: () => number;
  readonly #history: ReadonlyMap<string, number[]>;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param root holds `mesh`, the directory
   * @param now milliseconds
   */
  constructor(root: string, zone: BenchZone, now: () => number) {
    this.#root = root;
    this.#zone = zone;
    this.#now = now;
    this.#history = new Map([...byNamespace(zone).keys()].map(namespace => [namespace, [now()]]));
    mkdirSync(join(root, 'mesh/east'), { recursive: true });
  }

  get history(): History {
    return this.#history;
  }

  /** @param rate changes per second; a machine that cannot keep up makes them in fewer, never in larger turns */
  start(rate: number): void {
    const groups = [...byNamespace(this.#zone)];
    const [[, first = []] = []] = groups;
    const began = this.#now();
    let turn = 0;
    this.#timer = setInterval(() => {
      if (turn * first.length >= ((this.#now() - began) * rate) / 1_000) return;
      const [namespace = ''] = groups[turn++ % groups.length] ?? [];
      this.#change(namespace);
    }, 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The file is there as a whole or not at all: what is being written has no name that the daemon reads. */
  #change(namespace: string): void {
    const versions = this.#history.get(namespace) ?? [];
    const records = byNamespace(this.#zone).get(namespace) ?? [];
    const next = records.map(record => recordAt(record, versions.length));
    for (const [path, text] of Object.entries(headlessMesh({ ...this.#zone, records: next }))) {
      const target = join(this.#root, 'mesh', path);
      const draft = join(dirname(this.#root), 'draft');
      writeFileSync(draft, text);
      renameSync(draft, target);
    }
    versions.push(this.#now());
    this.changes += records.length;
  }
}
