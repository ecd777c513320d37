import { compareText } from '../../mesh/export.ts';
import { MergedServices } from '../../mesh/merged-services.ts';
import type { MeshSizes } from '../../mesh/model.ts';
import type { Pace } from '../pace.ts';
import type { MeshView, SourceOptions } from '../source.ts';
import type { ImportIndex } from './import-index.ts';

/** Services merged and handed on at a stretch: some milliseconds' work, where each has 50 endpoints. */
const BATCH = 100;
/**
 * Milliseconds for which changes are gathered before they are handed on: those of one service come by several watches.
 */
const GATHER = 5;

type DeliveryOptions = Pick<SourceOptions, 'sink' | 'log' | 'metrics' | 'localCluster'>;

/**
 * Hands on what an index holds, and afterwards what changes in it: in batches of whole services, so that queries are
 * answered in between. One index can be put in another's place.
 */
export class Delivery implements MeshView {
  readonly #options: DeliveryOptions;
  readonly #pace: Pace;
  readonly #told = new MergedServices();
  #index: ImportIndex | undefined;
  #namespaces: ReadonlySet<string> = new Set();
  #localCluster: string | undefined;
  /** The id of the API server's cluster that was held against what the operator said. */
  #compared: string | undefined;
  /** The delivery under way. */
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: DeliveryOptions, pace: Pace) {
    this.#options = options;
    this.#pace = pace;
    this.#localCluster = options.localCluster;
  }

  /**
   * Delivers from this index from now on. Resolves when all of it is handed on, and what only the one before had is
   * taken back. What both have is handed on too, or else half of the old one would be kept alive beside the new.
   */
  async use(index: ImportIndex): Promise<void> {
    this.#index = index;
    this.#tellAgain(index);
    index.dirt.namespaces = true;
    await this.#deliver();
  }

  /** Something may have changed in the index. */
  hint(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#deliver();
    }, GATHER);
  }

  /** Nothing is handed on after this. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  get sizes(): MeshSizes {
    return this.#told.sizes;
  }

  /** The ids of all clusters that take part in a service. */
  get clusters(): string[] {
    const ids = new Set<string>();
    for (const { clusters } of this.#told.values()) for (const { cluster } of clusters) ids.add(cluster);
    return [...ids].sort(compareText);
  }

  /** What the operator said, or else the index in use. */
  get localCluster(): string | undefined {
    return this.#localCluster;
  }

  async #deliver(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    this.#running = this.#handOn()
      // Not a fault of the objects. Whatever it was about, later changes must be handed on all the same.
      .catch((thrown: unknown) => this.#options.log.error({ err: thrown }, 'changes could not be handed on'))
      .finally(() => {
        this.#running = undefined;
      });
    await this.#running;
  }

  async #handOn(): Promise<void> {
    while (!this.#stopped && this.#index !== undefined) {
      const index = this.#index;
      const { dirt } = index;
      this.#settleLocalCluster(index);
      const services = this.#told.flush(dirt.services, key => index.serviceOf(key), BATCH);
      // The very same set while nothing came or went: by that a zone sees that it need not change.
      if (dirt.namespaces) this.#namespaces = new Set(index.namespaces);
      if (services.size > 0 || dirt.namespaces) {
        this.#options.sink.changed({ services, namespaces: this.#namespaces });
        this.#options.metrics.endpoints = this.sizes.endpoints;
      }
      dirt.namespaces = false;
      if (dirt.services.size === 0) return;
      if (this.#pace.due) await this.#pace.breathe();
    }
  }

  /** Which cluster is local is part of no service, and yet makes other answers of them. */
  #settleLocalCluster(index: ImportIndex): void {
    this.#compareWith(index.localCluster);
    const localCluster = this.#options.localCluster ?? index.localCluster;
    if (localCluster === this.#localCluster) return;
    this.#localCluster = localCluster;
    this.#tellAgain(index);
  }

  /** What the operator said holds; where the API server says otherwise, that is a slip that nobody would see. */
  #compareWith(found: string | undefined): void {
    const { localCluster, log } = this.#options;
    if (localCluster === undefined || found === undefined || found === this.#compared) return;
    this.#compared = found;
    if (found === localCluster) return;
    const message =
      'the API server is of another cluster than the one that counts as local: check --cluster-id';
    log.warn({ localCluster, found }, message);
  }

  #tellAgain(index: ImportIndex): void {
    this.#told.tellAgain();
    for (const key of this.#told.keys()) index.dirt.services.add(key);
  }
}
