import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CausewayError, messageOf } from '../../base/errors.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { Pace } from '../pace.ts';
import type { RecordSource, SourceOptions } from '../source.ts';
import { Doubts, SECOND_LOOK } from './doubts.ts';
import { changedFiles, type FileNews, goneFiles, newsOf } from './news.ts';
import { treeNotes } from './notes.ts';
import { Passes } from './passes.ts';
import { FileReader } from './reader.ts';
import type { FileReading } from './reading.ts';
import { Report } from './report.ts';
import { type FoundFile, scan, type Tree } from './scan.ts';
import { DirectoryState } from './state.ts';
import { Watches } from './watches.ts';

/**
 * Milliseconds to the next look at everything where no notification comes: some file systems give none, and nothing
 * tells that what a link leads to has changed.
 */
const RESCAN = 800;
/** The next look waits at least so many times as long as listing the tree takes. */
const RESCAN_SHARE = 20;
/** Files read together. */
const BATCH = 16;

/**
 * A directory with one folder for each cluster, holding ordinary Kubernetes YAML.
 *
 *     notification, timer ─► pass: scan ─► read what changed ─► doubt bad news ─► state ─► mesh ─► sink
 *                                                                                   └─► report, metrics
 *
 * Every pass compares the whole tree with what is held, so it makes no difference which notifications came, or how
 * many.
 */
export class DirectorySource implements RecordSource {
  readonly name: string;
  readonly #root: string;
  readonly #options: SourceOptions;
  readonly #pace = new Pace();
  readonly #reader = new FileReader(this.#pace);
  readonly #passes = new Passes(() => this.#pass());
  readonly #watches = new Watches(() => this.#passes.hint());
  readonly #doubts = new Doubts();
  readonly #state: DirectoryState;
  readonly #report: Report;
  readonly #loaded = Promise.withResolvers<void>();
  /** Readings that are not believed yet, by path. */
  readonly #readings = new Map<string, { stamp: string; reading: FileReading }>();
  /** As last taken in. */
  #tree: Tree = { files: new Map(), clusters: [], leftOut: [], listings: new Map() };
  /** Until then folders of which no notification came are taken as they were; 0: none is. */
  #rescanAt = 0;
  #nextRescanAt = 0;
  #staleSince: Date | undefined;
  #synced = false;
  #stopped = false;

  constructor(root: string, options: SourceOptions) {
    this.name = `directory:${root}`;
    this.#root = root;
    this.#options = options;
    this.#state = new DirectoryState(options, this.#pace);
    this.#report = new Report(options.log);
  }

  get mesh(): Mesh {
    return this.#state.mesh;
  }

  get localCluster(): string | undefined {
    return this.#options.localCluster;
  }

  /** While a folder cannot be listed, nobody knows what is in it. Files that cannot be read are told one by one. */
  get staleSince(): Date | undefined {
    return this.#staleSince;
  }

  async start(): Promise<void> {
    try {
      await readdir(this.#root);
    } catch (thrown) {
      throw new CausewayError(
        'SOURCE_UNREADABLE',
        `source ${this.name} cannot be read: ${messageOf(thrown)}. Give a directory that has one folder for each ` +
          'cluster, and in it the YAML of its Services, ServiceExports and EndpointSlices',
        { cause: thrown },
      );
    }
    this.#passes.begin();
    await this.#loaded.promise;
  }

  /** What is under way is not waited for: a file system that hangs must not hold up the exit. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#state.stop();
    this.#passes.stop();
    this.#watches.close();
    this.#loaded.resolve();
    await this.#reader.stop();
  }

  /** One look at everything. Returns when to look again. */
  async #pass(): Promise<number> {
    const began = performance.now();
    let wait = RESCAN;
    try {
      const tree = await this.#look();
      wait = Math.max(RESCAN, RESCAN_SHARE * (performance.now() - began));
      const news = await this.#readNews(tree);
      if (this.#stopped) return wait;
      if (this.#doubts.doubtful(this.#badNews(tree, news), performance.now())) return SECOND_LOOK;
      await this.#take(tree, news);
    } catch (thrown) {
      // Not a fault of the files. Whatever it was about, all else must go on being looked at.
      this.#options.log.error({ err: thrown }, 'a pass over the source directory failed');
    }
    return wait;
  }

  /**
   * The tree as it is; where the root cannot be listed, as it was: a vanished root is a fault, not an order. Folders of
   * which no notification came are not listed again before the next rescan: looking at 1,000 files takes 40 ms.
   */
  async #look(): Promise<Tree> {
    const changed = this.#watches.begin();
    const { listings } = this.#tree;
    const trusted = changed.size > 0 && performance.now() < this.#rescanAt;
    const rescanAt = this.#rescanAt;
    // Should this look come to nothing, the next one is at everything.
    this.#rescanAt = 0;
    try {
      const tree = await scan(
        this.#root,
        (directory, identity) => this.#watches.enter(directory, identity),
        (directory, path) => (trusted && !changed.has(directory) ? listings.get(path) : undefined),
      );
      this.#nextRescanAt = trusted ? rescanAt : performance.now() + RESCAN;
      return tree;
    } catch (thrown) {
      return { ...this.#tree, fault: messageOf(thrown) };
    } finally {
      this.#watches.end();
    }
  }

  async #readNews(tree: Tree): Promise<FileNews[]> {
    const news = goneFiles(tree, this.#state.files);
    const changed = changedFiles(tree, this.#state.files);
    for (let start = 0; start < changed.length && !this.#stopped; start += BATCH) {
      const batch = changed.slice(start, start + BATCH);
      news.push(...(await Promise.all(batch.map(file => this.#readOne(file)))));
    }
    return news;
  }

  async #readOne(file: FoundFile): Promise<FileNews> {
    const { path, stamp } = file;
    const known = this.#readings.get(path);
    const reusable = known?.stamp === stamp && known.reading.remarks.fault === undefined;
    const reading = reusable ? known.reading : await this.#reader.read(join(this.#root, path), file);
    this.#readings.set(path, { stamp, reading });
    return newsOf(file, reading, this.#state.heldOf(path));
  }

  #badNews(tree: Tree, news: readonly FileNews[]): Map<string, string> {
    const bad = new Map(news.filter(one => one.bad).map(one => [one.path, one.stamp]));
    if (tree.fault !== undefined && tree.fault !== this.#tree.fault) bad.set('', tree.fault);
    return bad;
  }

  /** Believes what was read. */
  async #take(tree: Tree, news: readonly FileNews[]): Promise<void> {
    const began = performance.now();
    const newFault = tree.fault !== this.#tree.fault;
    this.#readings.clear();
    this.#tree = tree;
    this.#rescanAt = this.#nextRescanAt;
    const unlisted = tree.fault !== undefined || tree.leftOut.some(({ unreadable }) => unreadable);
    this.#staleSince = unlisted ? (this.#staleSince ?? new Date()) : undefined;
    const changedServices = await this.#state.take(news);
    this.#tell(news, newFault, changedServices > 0);
    if (changedServices > 0) {
      const { clusters } = tree;
      const seconds = Number(((performance.now() - began) / 1000).toFixed(3));
      this.#options.log.info(
        { clusters, changedFiles: news.length, changedServices, seconds },
        'source directory was read',
      );
    }
    // Without any cluster's folder it is a volume that is not there yet, and not a cluster set without services.
    if (this.#synced || this.#stopped || tree.fault !== undefined || tree.clusters.length === 0) return;
    this.#synced = true;
    this.#options.sink.synced();
    this.#loaded.resolve();
  }

  /** Log and metrics. */
  #tell(news: readonly FileNews[], newFault: boolean, changed: boolean): void {
    const { metrics, localCluster } = this.#options;
    const notes = [
      ...treeNotes(this.#tree, this.#root, localCluster, this.#watches.fault),
      ...this.#state.notes(),
    ];
    this.#report.update(notes);
    if (newFault || news.some(({ remarks }) => remarks?.fault)) metrics.reloadsFailed++;
    else if (changed) metrics.reloadsOk++;
    Object.assign(metrics, this.#state.count(), { stale: this.#staleSince !== undefined });
  }
}
