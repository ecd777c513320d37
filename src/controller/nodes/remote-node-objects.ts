import type { ApiClient, RawObject } from '../../kube/client.ts';
import { Informer } from '../../kube/informer.ts';
import { OWN_SERVER_TIMES } from '../../kube/informer-times.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { sameData } from '../../mesh/equal.ts';
import { conditionsOf } from '../../objects/conditions.ts';
import { MANAGED_BY, READ_BY, US } from '../../objects/names.ts';
import { type NodeObject, remoteNodeReader } from '../../objects/node.ts';
import { Problems } from '../../objects/problem.ts';
import type { Condition } from '../../objects/shapes.ts';
import type { Logger } from '../../ops/log.ts';

/** A RemoteNode as it is in the API server. */
export interface HeldRemoteNode {
  readonly name: string;
  readonly uid: string;
  /** Name of the RemoteCluster by which it is read; undefined: somebody else wrote it, and we do not touch it. */
  readonly readBy: string | undefined;
  /** Undefined: nobody can read it. */
  readonly node: NodeObject | undefined;
  readonly conditions: readonly Condition[];
}

export interface RemoteNodeObjectsOptions {
  readonly client: ApiClient;
  /** The object may be out of line. */
  readonly touched: (name: string) => void;
  /** What routes are built from has changed. */
  readonly moved: () => void;
  /** All are known. */
  readonly synced: () => void;
  readonly log: Logger;
}

/** The RemoteNodes of this cluster: what is written already, and the memory of clusters that are away. */
export class RemoteNodeObjects {
  readonly #options: RemoteNodeObjectsOptions;
  readonly #held = new Map<string, HeldRemoteNode>();
  readonly #informer: Informer<HeldRemoteNode>;

  constructor(options: RemoteNodeObjectsOptions) {
    const { client, log, synced } = options;
    this.#options = options;
    this.#informer = new Informer<HeldRemoteNode>({
      client,
      resource: RESOURCES.remoteNodes,
      selection: {},
      read: heldRemoteNode,
      log,
      random: Math.random,
      times: OWN_SERVER_TIMES,
      listener: {
        put: one => this.put(one),
        dropped: one => this.#drop(one),
        synced,
        // The informer says in the log whether the server is followed.
        stale: () => {},
        fresh: () => {},
      },
    });
  }

  start(): void {
    this.#informer.start();
  }

  async stop(): Promise<void> {
    await this.#informer.stop();
  }

  /** Until then nothing may be concluded from what is not there. */
  get synced(): boolean {
    return this.#informer.synced;
  }

  get all(): ReadonlyMap<string, HeldRemoteNode> {
    return this.#held;
  }

  /** Something new of an object: by a watch, or as the answer to a write. */
  put(held: HeldRemoteNode): void {
    const before = this.#held.get(held.name);
    this.#held.set(held.name, held);
    if (!sameData(before, held)) this.#options.touched(held.name);
    if (!sameData(routedOf(before), routedOf(held))) this.#options.moved();
  }

  /** It was deleted by us. */
  gone(name: string): void {
    if (this.#held.delete(name)) this.#options.moved();
  }

  #drop({ name, uid }: HeldRemoteNode): void {
    if (this.#held.get(name)?.uid !== uid) return;
    this.gone(name);
    this.#options.touched(name);
  }
}

export function heldRemoteNode(raw: RawObject): HeldRemoteNode {
  const { name, uid = '', labels, annotations } = raw.metadata;
  return {
    name,
    uid,
    readBy: labels?.[MANAGED_BY] === US ? annotations?.[READ_BY] : undefined,
    node: remoteNodeReader.read(raw, Problems.ignored()),
    conditions: conditionsOf(raw),
  };
}

/** Whether a node is ready changes no route. */
function routedOf(held: HeldRemoteNode | undefined): unknown {
  if (held?.node === undefined) return undefined;
  const { ready: _ready, ...node } = held.node;
  return node;
}
