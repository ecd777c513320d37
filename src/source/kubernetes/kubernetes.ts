import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { ApiClient } from '../../kube/client.ts';
import { Pace } from '../pace.ts';
import type { MeshView, RecordSource, SourceOptions } from '../source.ts';
import { Delivery } from './delivery.ts';
import { Feed } from './feed.ts';
import { FEED_KINDS } from './feed-kinds.ts';
import { ImportIndex } from './import-index.ts';
import { ProblemLog } from './problem-log.ts';
import { encodeSnapshot } from './snapshot.ts';
import { type SnapshotIndex, snapshotIndex } from './snapshot-index.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

/** What tests replace. */
export interface KubernetesTools {
  readonly connect: (kubeconfig: string | undefined) => Promise<ApiClient>;
  /** Milliseconds for which the API server is waited for before the snapshot is served. */
  readonly grace: number;
  /** Milliseconds between two writes of the snapshot. */
  readonly snapshotRest?: number;
}

const TOOLS: KubernetesTools = { connect, grace: 2_000 };

/**
 * The ServiceImports of one API server, and what belongs to them.
 *
 *     feeds ─► live index ──┐ as soon as every feed is known in full
 *                           ├─► delivery ─► sink
 *     snapshot ─► its index ┘ until then, if the API server lets us wait
 *        ▲
 *        └── keeper ◄── live index
 *
 * Nothing is handed on from a live index that is not whole: a ServiceImport whose slices are still to come would be
 * answered as one that has none.
 */
export class KubernetesSource implements RecordSource {
  readonly name = 'kubernetes';
  readonly #options: SourceOptions;
  readonly #tools: KubernetesTools;
  readonly #pace = new Pace();
  readonly #index = new ImportIndex();
  readonly #delivery: Delivery;
  readonly #problems: ProblemLog;
  readonly #keeper: SnapshotKeeper | undefined;
  readonly #served = Promise.withResolvers<void>();
  #client: ApiClient | undefined;
  #feeds: readonly Feed[] = [];
  #grace: NodeJS.Timeout | undefined;
  #resorted = false;
  /** Whether the live index is delivered from. */
  #live = false;
  /** Whether all of it has been handed on once. */
  #arrived = false;
  #synced = false;
  #stopped = false;
  #staleSince: Date | undefined;

  constructor(options: SourceOptions, tools: Partial<KubernetesTools> = {}) {
    this.#options = options;
    this.#tools = { ...TOOLS, ...tools };
    this.#delivery = new Delivery(options, this.#pace);
    this.#problems = new ProblemLog(options.log);
    const path = this.#snapshotPath;
    this.#keeper = path === undefined ? undefined : this.#createKeeper(path);
  }

  get mesh(): MeshView {
    return this.#delivery;
  }

  get localCluster(): string | undefined {
    return this.#delivery.localCluster;
  }

  get staleSince(): Date | undefined {
    return this.#staleSince;
  }

  async start(): Promise<void> {
    const client = await this.#tools.connect(this.#options.kubeconfig);
    this.#client = client;
    if (this.#stopped) return client.close();
    const { log } = this.#options;
    this.#feeds = FEED_KINDS.map(
      kind =>
        new Feed(kind, {
          client,
          log,
          put: (object, before) => {
            this.#index.put(object, before);
            this.#changed();
          },
          dropped: object => {
            this.#index.drop(object);
            this.#changed();
          },
          standing: () => this.#review(),
          tell: problems => this.#problems.tell(problems),
        }),
    );
    for (const feed of this.#feeds) feed.start();
    this.#grace = setTimeout(() => void this.#resort(), this.#tools.grace);
    await this.#served.promise;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#grace);
    this.#delivery.stop();
    this.#served.resolve();
    await Promise.all(this.#feeds.map(feed => feed.stop()));
    await this.#keeper?.stop();
    this.#client?.close();
  }

  #changed(): void {
    if (!this.#live) return;
    this.#delivery.hint();
    this.#keeper?.changed();
  }

  /** Some feed stands differently. */
  #review(): void {
    if (this.#stopped) return;
    const fault = this.#feeds.find(feed => feed.fault !== undefined)?.fault;
    if (this.#arrived) this.#judge(fault);
    else if (this.#live) return;
    else if (this.#feeds.every(feed => feed.known)) void this.#goLive();
    else if (fault !== undefined) void this.#resort();
  }

  /** What was handed on is as old as the first feed that is not followed. */
  #judge(fault: Error | undefined): void {
    const { log } = this.#options;
    if (fault === undefined && this.#staleSince !== undefined) {
      log.info({ since: this.#staleSince }, 'what is served is current again');
      this.#setStale(undefined);
    } else if (fault !== undefined && this.#staleSince === undefined) {
      this.#setStale(new Date());
      log.warn(
        { reason: fault.message },
        'what is served may be out of date: the API server is not followed',
      );
    }
  }

  #setStale(since: Date | undefined): void {
    this.#staleSince = since;
    this.#options.metrics.stale = since !== undefined;
  }

  async #goLive(): Promise<void> {
    this.#live = true;
    clearTimeout(this.#grace);
    await this.#delivery.use(this.#index);
    if (this.#stopped) return;
    this.#arrived = true;
    this.#setStale(undefined);
    const { clusters, sizes, localCluster } = this.#delivery;
    this.#options.log.info({ localCluster, clusters, ...sizes }, 'API server was read');
    this.#markSynced();
    this.#keeper?.changed();
    this.#review();
  }

  /** Serves the snapshot until the API server is known, if there is one that can be used. */
  async #resort(): Promise<void> {
    if (this.#resorted || this.#live || this.#stopped) return;
    this.#resorted = true;
    clearTimeout(this.#grace);
    const { log } = this.#options;
    const path = this.#snapshotPath;
    const reason =
      this.#feeds.find(feed => feed.fault !== undefined)?.fault?.message ?? 'it has not answered in time';
    const found = path === undefined ? undefined : await this.#loadSnapshot(path);
    if (this.#live || this.#stopped) return;
    if (found === undefined) {
      log.warn(
        { reason },
        'API server is not known yet, and there is no snapshot: answers are SERVFAIL until it is',
      );
      return;
    }
    await this.#delivery.use(found.index);
    if (this.#live || this.#stopped) return;
    this.#setStale(found.written);
    const message = 'API server is not known yet: what is served is a snapshot, until it is';
    log.warn({ reason, file: path, written: found.written, ...this.#delivery.sizes }, message);
    this.#markSynced();
  }

  async #loadSnapshot(path: string): Promise<SnapshotIndex | undefined> {
    const { log, localCluster } = this.#options;
    try {
      return await snapshotIndex(path, localCluster, this.#pace);
    } catch (thrown) {
      const fields = { code: 'FILE_BROKEN', file: path, reason: messageOf(thrown) };
      log.warn(fields, 'snapshot is left alone: it cannot be used');
      return undefined;
    }
  }

  #markSynced(): void {
    if (this.#synced) return;
    this.#synced = true;
    this.#options.sink.synced();
    this.#served.resolve();
  }

  get #snapshotPath(): string | undefined {
    const { stateDir } = this.#options;
    return stateDir === undefined ? undefined : join(stateDir, 'snapshot.ndjson');
  }

  #createKeeper(path: string): SnapshotKeeper {
    const { log, metrics } = this.#options;
    const { snapshotRest } = this.#tools;
    return new SnapshotKeeper({
      path,
      pace: this.#pace,
      log,
      metrics,
      lines: () => encodeSnapshot({ written: new Date(), cluster: this.localCluster }, this.#index.objects()),
      ...(snapshotRest === undefined ? {} : { rest: snapshotRest }),
    });
  }
}

/** The client is loaded only where it is needed: it would be half of the start of a daemon that reads a directory. */
async function connect(kubeconfig: string | undefined): Promise<ApiClient> {
  const [{ inClusterOrKubeconfig }, { HttpsApiClient }] = await Promise.all([
    import('../../kube/credentials.ts'),
    import('../../kube/https-client.ts'),
  ]);
  return new HttpsApiClient(await inClusterOrKubeconfig(kubeconfig));
}
