import { difference } from '../base/delta.ts';
import type { AddressFamily } from '../base/ip.ts';
import { WorkQueue } from '../base/queue.ts';
import { byKind, objectId } from '../desired/identity.ts';
import type { DesiredObject, DesiredStatus, PlanTools, Remark } from '../desired/model.ts';
import { planService } from '../desired/plan.ts';
import type { ApiClient } from '../kube/client.ts';
import { apiVersionOf, RESOURCES, type Resource } from '../kube/resource.ts';
import { systemClock } from '../ops/clock.ts';
import { ownedObject, statusRecord } from './local-reading.ts';
import type { LocalState } from './local-state.ts';
import type { OwnedObject } from './owned-objects.ts';
import { viewOf } from './view.ts';

export interface ReconcilerOptions {
  readonly state: LocalState;
  readonly client: ApiClient;
  readonly localFamilies: readonly AddressFamily[];
  readonly tools: PlanTools;
  /** Services worked on at once. */
  readonly concurrency: number;
  readonly writes: Writes;
  /** Something that somebody has to act on. */
  readonly remark: (remark: Remark) => void;
  /** A service could not be brought in line; it is tried again in so many milliseconds. */
  readonly failed: (key: string, reason: unknown, retryIn: number) => void;
}

/** How often the API server took what we wrote, over all terms of this process. */
export interface Writes {
  ok: number;
  failed: number;
}

const RESOURCE_OF: Readonly<Record<DesiredObject['kind'] | DesiredStatus['kind'], Resource>> = {
  Service: RESOURCES.services,
  EndpointSlice: RESOURCES.endpointSlices,
  ExportedService: RESOURCES.exportedServices,
  ServiceImport: RESOURCES.serviceImports,
  ServiceExport: RESOURCES.serviceExports,
};

/**
 * A derived Service has to be allocated addresses before its import can name them, and one whose first family changes has to
 * go before it can come back: three rounds, and one to spare.
 */
const MOST_ROUNDS = 4;

/**
 * Brings the cluster in line with what is planned, service by service: view → plan → difference → apply. One instance lives as
 * long as this process leads; a service that fails is tried again later and holds up no other.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #queue: WorkQueue;
  readonly #stopped = new AbortController();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      clock: systemClock,
      random: Math.random,
      concurrency: options.concurrency,
      work: key => this.#reconcile(key),
      failed: options.failed,
    });
  }

  /** What is written for the service may be out of line. */
  add(key: string): void {
    this.#queue.add(key);
  }

  get counts(): WorkQueue['counts'] {
    return this.#queue.counts;
  }

  /** Cuts short what is under way: nothing may be written by a process that has ceased to lead. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error('the controller stops writing'));
    await this.#queue.stop();
  }

  async #reconcile(key: string): Promise<void> {
    const { state, localFamilies, tools, remark } = this.#options;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      if (this.#stopped.signal.aborted) return;
      state.mesh.flush();
      const plan = planService(viewOf(key, state, localFamilies), tools);
      const removed = await this.#applyObjects(key, plan.objects, plan.complete);
      if (!plan.complete || removed > 0) continue;
      for (const each of plan.remarks) remark(each);
      await this.#applyStatuses(plan.statuses);
      return;
    }
    throw new Error(
      `${key}: what is planned for it still waits for the API server after ${MOST_ROUNDS} rounds`,
    );
  }

  /** All that can be written is, even where some of it fails. Returns how many objects were removed. */
  async #applyObjects(key: string, desired: readonly DesiredObject[], prune: boolean): Promise<number> {
    const actual = this.#options.state.owned.of(key);
    const { apply, remove } = difference(
      new Map(desired.map(object => [objectId(object), object])),
      new Map([...actual].map(([id, { fingerprint }]) => [id, fingerprint])),
      byKind,
    );
    const faults: unknown[] = [];
    for (const object of apply) await this.#write(() => this.#apply(object), faults);
    const gone = faults.length === 0 && prune ? remove.flatMap(id => actual.get(id) ?? []) : [];
    for (const object of gone) await this.#write(() => this.#remove(object), faults);
    if (faults.length === 1) throw faults[0];
    if (faults.length > 1)
      throw new AggregateError(faults, `${faults.length} objects of ${key} could not be written`);
    return gone.length;
  }

  async #write(write: () => Promise<void>, faults: unknown[]): Promise<void> {
    const { writes } = this.#options;
    try {
      await write();
      writes.ok++;
    } catch (fault) {
      writes.failed++;
      faults.push(fault);
    }
  }

  async #apply({ kind, namespace, name, manifest }: DesiredObject): Promise<void> {
    const { client, state, tools } = this.#options;
    const stored = await client.apply(RESOURCE_OF[kind], { namespace, name }, manifest, this.#stopped.signal);
    const owned = ownedObject(kind, stored, tools.sha256);
    if (owned !== undefined) state.put({ owned }, undefined);
  }

  async #remove(object: OwnedObject): Promise<void> {
    const { client, state } = this.#options;
    const { kind, namespace, name, uid } = object;
    await client.remove(RESOURCE_OF[kind], { namespace, name }, { uid });
    state.owned.drop(object);
  }

  async #applyStatuses(statuses: readonly DesiredStatus[]): Promise<void> {
    const { client, state, tools } = this.#options;
    const faults: unknown[] = [];
    for (const { kind, namespace, name, status, fingerprint } of statuses) {
      if (state.statusOf(kind, `${namespace}/${name}`)?.fingerprint === fingerprint) continue;
      const resource = RESOURCE_OF[kind];
      const manifest = { apiVersion: apiVersionOf(resource), kind, metadata: { namespace, name }, status };
      const place = { namespace, name, subresource: 'status' } as const;
      await this.#write(async () => {
        const stored = await client.apply(resource, place, manifest, this.#stopped.signal);
        state.putStatus(statusRecord(kind, stored, tools.sha256));
      }, faults);
    }
    if (faults.length > 0) throw faults[0];
  }
}
