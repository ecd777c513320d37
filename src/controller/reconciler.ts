import { difference } from '../base/delta.ts';
import { messageOf } from '../base/errors.ts';
import type { AddressFamily } from '../base/ip.ts';
import { WorkQueue } from '../base/queue.ts';
import { byKind, objectId } from '../desired/identity.ts';
import type { DesiredObject, DesiredStatus, PlanTools, Remark } from '../desired/model.ts';
import { planService } from '../desired/plan.ts';
import { ApiError } from '../kube/api-error.ts';
import type { ApiClient } from '../kube/client.ts';
import { apiVersionOf, resourceOf } from '../kube/resource.ts';
import { sameData } from '../mesh/equal.ts';
import { systemClock } from '../ops/clock.ts';
import { ownedObject, statusRecord } from './local-reading.ts';
import type { LocalState } from './local-state.ts';
import type { OwnedObject } from './owned-objects.ts';
import { viewOf } from './view.ts';
import type { WriteLag } from './write-lag.ts';
import type { Writer } from './writer.ts';

export interface ReconcilerOptions {
  readonly state: LocalState;
  readonly client: ApiClient;
  readonly localFamilies: readonly AddressFamily[];
  readonly tools: PlanTools;
  /** Services worked on at once. */
  readonly concurrency: number;
  readonly writer: Writer;
  readonly lag: WriteLag;
  /** Something that somebody has to act on. */
  readonly remark: (remark: Remark) => void;
  /** A service could not be brought in line; it is tried again in so many milliseconds. */
  readonly failed: (key: string, reason: unknown, retryIn: number) => void;
}

/**
 * A derived Service has to be allocated addresses before its import can name them, and one whose first family changes
 * has to go before it can come back: three rounds, and one to spare.
 */
const MOST_ROUNDS = 4;

/**
 * Brings the cluster in line with what is planned, service by service: view → plan → difference → apply. One instance
 * lives as long as this process leads; a service that fails is tried again later and holds up no other.
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
      work: key => options.lag.during(key, () => this.#reconcile(key)),
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
      const faults: unknown[] = [];
      const again = await this.#applyObjects(key, plan.objects, plan.complete, faults);
      if (faults.length === 0 && (again || !plan.complete)) continue;
      for (const each of plan.remarks) remark(each);
      if (plan.complete) await this.#applyStatuses(plan.statuses, faults);
      if (faults.length > 0) throw faultsOf(key, faults);
      return;
    }
    throw new Error(
      `${key}: what is planned for it still waits for the API server after ${MOST_ROUNDS} rounds`,
    );
  }

  /**
   * All that can be written is, and all that shall go goes, even where some of it fails: a slice that the API server
   * refuses must not keep dead addresses in others. Only an import outlives a fault, and the Service that has its
   * address.
   *
   * @returns whether the plan has to be made anew, for objects went or were given other addresses
   */
  async #applyObjects(
    key: string,
    desired: readonly DesiredObject[],
    prune: boolean,
    faults: unknown[],
  ): Promise<boolean> {
    const actual = this.#options.state.owned.of(key);
    const addresses = addressesOf(actual);
    const { apply, remove } = difference(
      new Map(desired.map(object => [objectId(object), object])),
      new Map([...actual].map(([id, { fingerprint }]) => [id, fingerprint])),
      byKind,
    );
    for (const object of apply) await this.#write(() => this.#apply(object), faults);
    const keep = faults.length > 0 ? ['Service', 'ServiceImport'] : [];
    const gone = (prune ? remove : [])
      .flatMap(id => actual.get(id) ?? [])
      .filter(({ kind }) => !keep.includes(kind));
    for (const object of gone) await this.#write(() => this.#remove(object), faults);
    return gone.length > 0 || !sameData(addressesOf(this.#options.state.owned.of(key)), addresses);
  }

  async #write(write: () => Promise<void>, faults: unknown[]): Promise<void> {
    const failed = await this.#options.writer.attempt(write);
    if (failed !== undefined) faults.push(failed.fault);
  }

  async #apply({ kind, namespace, name, manifest }: DesiredObject): Promise<void> {
    const { client, state, tools } = this.#options;
    const apply = () => client.apply(resourceOf(kind), { namespace, name }, manifest, this.#stopped.signal);
    const stored = await apply().catch(async (fault: unknown) => {
      // A slice that was made anew under its name with the other family: the API server lets none change it.
      if (kind !== 'EndpointSlice' || !(fault instanceof ApiError && fault.status === 422)) throw fault;
      await client.remove(resourceOf(kind), { namespace, name }, { signal: this.#stopped.signal });
      return apply();
    });
    const owned = ownedObject(kind, stored, tools.sha256);
    if (owned !== undefined) state.wrote({ owned });
  }

  async #remove(object: OwnedObject): Promise<void> {
    const { client, state } = this.#options;
    const { kind, namespace, name, uid } = object;
    await client.remove(resourceOf(kind), { namespace, name }, { uid, signal: this.#stopped.signal });
    state.owned.drop(object);
  }

  async #applyStatuses(statuses: readonly DesiredStatus[], faults: unknown[]): Promise<void> {
    const { client, state, tools } = this.#options;
    for (const { kind, namespace, name, status, fingerprint } of statuses) {
      if (state.statusOf(kind, `${namespace}/${name}`)?.fingerprint === fingerprint) continue;
      const resource = resourceOf(kind);
      const manifest = { apiVersion: apiVersionOf(resource), kind, metadata: { namespace, name }, status };
      const place = { namespace, name, subresource: 'status' } as const;
      await this.#write(async () => {
        const stored = await client.apply(resource, place, manifest, this.#stopped.signal);
        state.wrote({ status: statusRecord(kind, stored, tools.sha256) });
      }, faults);
    }
  }
}

function addressesOf(objects: ReadonlyMap<string, OwnedObject>): unknown[] {
  return [...objects.values()]
    .flatMap(({ name, clusterIPs }) => (clusterIPs ? [[name, clusterIPs]] : []))
    .sort();
}

function faultsOf(key: string, faults: readonly unknown[]): unknown {
  if (faults.length === 1) return faults[0];
  const first = messageOf(faults[0]);
  return new AggregateError(
    faults,
    `${faults.length} objects of ${key} could not be written, the first: ${first}`,
  );
}
