import { WorkQueue } from '../../base/queue.ts';
import { mergeConditions, type WantedCondition } from '../../desired/conditions.ts';
import { type DesiredRemoteNode, remoteNodeManifest } from '../../desired/remote-node.ts';
import type { ApiClient } from '../../kube/client.ts';
import { apiVersionOf, RESOURCES } from '../../kube/resource.ts';
import { sameData } from '../../mesh/equal.ts';
import { systemClock } from '../../ops/clock.ts';
import type { Writer } from '../writer.ts';
import { acceptances } from './acceptance.ts';
import { type HeldRemoteNode, heldRemoteNode } from './remote-node-objects.ts';
import type { Routing } from './routing.ts';

export interface RemoteNodeWriterOptions {
  readonly client: ApiClient;
  /** The id of this cluster. */
  readonly cluster: string;
  readonly routing: Routing;
  readonly writer: Writer;
  readonly now: () => string;
  /** RemoteNodes worked on at once. */
  readonly concurrency: number;
  readonly failed: (name: string, reason: unknown) => void;
}

const RESOURCE = RESOURCES.remoteNodes;
/** Stands in the queue for the verdict on all of them; no object has this name. */
const VERDICTS = '';
/** Milliseconds for which changes are gathered before all nodes are weighed against each other. */
const GATHER = 1_000;

/** Brings the RemoteNodes in line with what other clusters say of their nodes. Lives as long as this process leads. */
export class RemoteNodeWriter {
  readonly #options: RemoteNodeWriterOptions;
  readonly #queue: WorkQueue;
  readonly #stopped = new AbortController();
  /** By name; as of the last time that all were weighed. */
  #verdicts: ReadonlyMap<string, WantedCondition> = new Map();

  constructor(options: RemoteNodeWriterOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      clock: systemClock,
      random: Math.random,
      concurrency: options.concurrency,
      work: async name => (name === VERDICTS ? this.#weigh() : this.#bringInLine(name)),
      failed: (name, reason) => options.failed(name, reason),
    });
    this.touched(undefined);
    this.moved();
  }

  /** The RemoteNode may be out of line; undefined: any may. */
  touched(name: string | undefined): void {
    const { routing } = this.#options;
    // Who does not know what is there writes nothing, for it may be there already.
    if (!routing.objects.synced) return;
    for (const each of name === undefined ? routing.names : [name]) this.#queue.add(each);
    if (name === undefined) this.moved();
  }

  /** Which of them are accepted may be other than before. */
  moved(): void {
    this.#queue.addAfter(VERDICTS, GATHER);
  }

  get counts(): WorkQueue['counts'] {
    return this.#queue.counts;
  }

  /** By reason: RemoteNodes that no routes lead to. */
  get refused(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { status, reason } of this.#verdicts.values()) {
      if (status !== 'True') counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return counts;
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('the controller stops writing'));
    await this.#queue.stop();
  }

  /** One pass over all of them, some 25 ms for each thousand. */
  #weigh(): void {
    const { routing, cluster } = this.#options;
    const { guarded } = routing.own;
    if (guarded === undefined || !routing.objects.synced) return;
    const nodes = [...routing.objects.all].flatMap(([name, { node }]) =>
      node === undefined ? [] : [[name, node] as const],
    );
    this.#verdicts = acceptances(new Map(nodes), cluster, guarded);
    for (const [name, wanted] of this.#verdicts) {
      if (!isSaid(wanted, routing.objects.all.get(name))) this.#queue.add(name);
    }
  }

  async #bringInLine(name: string): Promise<void> {
    const { routing } = this.#options;
    const held = routing.objects.all.get(name);
    const desired = routing.desiredOf(name);
    const isForeign = held !== undefined && held.readBy === undefined;
    if (held?.readBy !== undefined && desired === undefined && routing.mayGo(held.readBy)) {
      return this.#remove(held);
    }
    if (desired !== undefined && !isForeign && !isAsDesired(held, desired)) await this.#apply(desired);
    await this.#judge(name);
    if (desired === undefined || !isForeign) return;
    const remedy = 'delete it, and the node gets its RemoteNode';
    throw new Error(`RemoteNode ${name} was not written by the controller and stays as it is; ${remedy}`);
  }

  async #apply(desired: DesiredRemoteNode): Promise<void> {
    const { name } = desired;
    const { client, routing } = this.#options;
    await this.#write(async () => {
      const manifest = remoteNodeManifest(desired);
      routing.objects.put(
        heldRemoteNode(await client.apply(RESOURCE, { name }, manifest, this.#stopped.signal)),
      );
    });
  }

  async #remove({ name, uid }: HeldRemoteNode): Promise<void> {
    const { client, routing } = this.#options;
    await this.#write(async () => {
      await client.remove(RESOURCE, { name }, { uid, signal: this.#stopped.signal });
      routing.objects.gone(name);
    });
  }

  async #judge(name: string): Promise<void> {
    const { client, routing, now } = this.#options;
    const held = routing.objects.all.get(name);
    const wanted = this.#verdicts.get(name);
    if (held === undefined || wanted === undefined || isSaid(wanted, held)) return;
    const status = { conditions: mergeConditions([wanted], held.conditions, now) };
    const manifest = {
      apiVersion: apiVersionOf(RESOURCE),
      kind: RESOURCE.kind,
      metadata: { name, uid: held.uid },
      status,
    };
    await this.#write(async () => {
      const place = { name, subresource: 'status' } as const;
      routing.objects.put(
        heldRemoteNode(await client.apply(RESOURCE, place, manifest, this.#stopped.signal)),
      );
    });
  }

  async #write(write: () => Promise<void>): Promise<void> {
    const failed = await this.#options.writer.attempt(write);
    if (failed !== undefined) throw failed.fault;
  }
}

function isAsDesired(held: HeldRemoteNode | undefined, desired: DesiredRemoteNode): boolean {
  return held?.readBy === desired.readBy && sameData(held.node, desired.node);
}

function isSaid(
  { type, status, reason, message }: WantedCondition,
  held: HeldRemoteNode | undefined,
): boolean {
  const said = held?.conditions.find(condition => condition.type === type);
  return said?.status === status && said.reason === reason && said.message === message;
}
