import { Mesh } from '../../mesh/mesh.ts';
import type { Pace } from '../pace.ts';
import type { SourceOptions } from '../source.ts';
import { Holdings, type Objects } from './holdings.ts';
import type { FileNews } from './news.ts';
import { conflictNote, duplicateNote, fileNotes, invalidExportNote, type KnownFile } from './notes.ts';
import type { Note } from './report.ts';

/** Services merged and handed on at a stretch: some ten milliseconds' work. */
const BATCH = 500;

/** What was read from the directory and is believed, and the mesh that it makes. */
export class DirectoryState {
  readonly mesh: Mesh;
  readonly #sink: SourceOptions['sink'];
  readonly #pace: Pace;
  readonly #files = new Map<string, KnownFile>();
  readonly #holdings = new Holdings();
  /** As last handed on. */
  #namespaces: ReadonlySet<string> | undefined;
  #stopped = false;

  constructor({ localCluster, sink }: SourceOptions, pace: Pace) {
    this.mesh = new Mesh({ localCluster });
    this.#sink = sink;
    this.#pace = pace;
  }

  get files(): ReadonlyMap<string, KnownFile> {
    return this.#files;
  }

  /** The objects that a file gives. */
  heldOf(path: string): Objects {
    return this.#holdings.of(path);
  }

  /** Nothing is handed on from now on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Makes the news the state, and hands on what comes of it. Returns how many services changed. */
  async take(news: readonly FileNews[]): Promise<number> {
    for (const { path, cluster, stamp, remarks, next } of news) {
      await this.#holdings.replace(path, cluster, next, this.#pace);
      if (remarks === undefined) this.#files.delete(path);
      else this.#files.set(path, { cluster, stamp, held: next.size, remarks });
    }
    for (const { cluster, object, gone } of this.#holdings.drain()) {
      if (this.#pace.due) await this.#pace.breathe();
      if (gone) this.mesh.remove(cluster, object);
      else this.mesh.put(cluster, object);
    }
    return this.#handOn();
  }

  /** Everything that is wrong with what was read. */
  *notes(): Generator<Note> {
    yield* fileNotes(this.#files);
    for (const duplicate of this.#holdings.duplicates()) yield duplicateNote(duplicate);
    for (const invalid of this.mesh.invalidExports) yield invalidExportNote(invalid);
    for (const conflict of this.mesh.conflicts) yield conflictNote(conflict);
  }

  /** What the metrics tell of it. */
  count(): { brokenFiles: number; problems: number; conflicts: number; endpoints: number } {
    let brokenFiles = 0;
    let problems = [...this.#holdings.duplicates()].length;
    for (const { remarks } of this.#files.values()) {
      if (remarks.fault !== undefined) brokenFiles++;
      problems += remarks.findings.length + remarks.findingsDropped;
    }
    return {
      brokenFiles,
      problems,
      conflicts: this.mesh.conflicts.length,
      endpoints: this.mesh.sizes.endpoints,
    };
  }

  /** In batches of whole services, so that queries are answered in between and each is answered all old or all new. */
  async #handOn(): Promise<number> {
    let services = 0;
    while (!this.#stopped) {
      const change = this.mesh.flush(BATCH);
      services += change.services.size;
      if (change.services.size > 0 || change.namespaces !== this.#namespaces) this.#sink.changed(change);
      this.#namespaces = change.namespaces;
      if (this.mesh.settled) break;
      if (this.#pace.due) await this.#pace.breathe();
    }
    return services;
  }
}
