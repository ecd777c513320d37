import { isDeepStrictEqual } from 'node:util';
import type { ApiClient, RawObject, Selection } from '../kube/client.ts';
import { Informer } from '../kube/informer.ts';
import { OWN_SERVER_TIMES } from '../kube/informer-times.ts';
import { API_SERVERS_SELECTION, isForbidden, isUnserved } from '../kube/own-network.ts';
import { RESOURCES, type Resource } from '../kube/resource.ts';
import { apiServersIn } from '../objects/api-servers.ts';
import { readClusterId } from '../objects/cluster-property.ts';
import { CLUSTER_ID_PROPERTY } from '../objects/names.ts';
import { type NodeObject, nodeReader, remoteNodeReader } from '../objects/node.ts';
import { PUBLISHED_ANNOTATIONS } from '../objects/node-annotations.ts';
import { Problems } from '../objects/problem.ts';
import { remoteClusterReader } from '../objects/remote-cluster.ts';
import { serviceCIDRsIn } from '../objects/service-cidr.ts';
import type { RemoteClusterObject } from '../objects/shapes.ts';
import type { Logger } from '../ops/log.ts';

export interface ClusterViewOptions {
  readonly client: ApiClient;
  /** Of the Node that the agent runs on. */
  readonly nodeName: string;
  /** Something is not as it was, or is known in full for the first time. */
  readonly changed: () => void;
  readonly log: Logger;
}

/** A Node of this cluster. */
export interface OwnNode extends NodeObject {
  /** Of the Node that the agent runs on: its annotations that are an agent's to write, as they are. */
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Named<T> {
  readonly name: string;
  /** Undefined: it cannot be read. */
  readonly value: T | undefined;
}

/** An object of which it is not known what it says now. What it said before is known where it could be read once. */
export interface Unreadable {
  readonly kind: string;
  readonly name: string;
}

/**
 * What the local API server says. Objects stay as they were last told while it is away, and while they cannot be read:
 * one that was written for a newer agent is not gone.
 */
export class ClusterView {
  readonly nodes = new Map<string, OwnNode>();
  readonly remoteNodes = new Map<string, NodeObject>();
  readonly remoteClusters = new Map<string, RemoteClusterObject>();
  readonly #clusterIds = new Map<string, string>();
  readonly #serviceCIDRs = new Map<string, readonly string[]>();
  readonly #apiServers = new Map<string, readonly string[]>();
  readonly #options: ClusterViewOptions;
  readonly #informers: Informer<never>[] = [];
  /** The kinds that are not known in full yet: until then nothing may be concluded from what is not there. */
  readonly #unsynced = new Set<string>();
  readonly #unreadable = new Map<string, Unreadable>();
  /** Why a kind is not followed. */
  readonly #faults = new Map<string, string>();
  #servesServiceCIDRs = true;

  constructor(options: ClusterViewOptions) {
    this.#options = options;
    this.#watch(RESOURCES.clusterProperties, readId, this.#clusterIds, {
      fieldSelector: `metadata.name=${CLUSTER_ID_PROPERTY}`,
    });
    this.#watch(RESOURCES.nodes, (raw, problems) => this.#readNode(raw, problems), this.nodes);
    this.#watch(RESOURCES.remoteNodes, readRemoteNode, this.remoteNodes);
    this.#watch(RESOURCES.remoteClusters, remoteClusterReader.read, this.remoteClusters);
    const optional = this.#watch(RESOURCES.serviceCidrs, serviceCIDRsIn, this.#serviceCIDRs, {}, reason => {
      if (!isUnserved(reason, optional.synced)) return;
      this.#servesServiceCIDRs = false;
      void optional.stop();
      this.#faults.delete(RESOURCES.serviceCidrs.plural);
      this.#known(RESOURCES.serviceCidrs);
    });
    const { endpointSlices } = RESOURCES;
    // An agent that was given fewer rights does without; it goes on asking, for a server that starts refuses everybody.
    this.#watch(endpointSlices, apiServersIn, this.#apiServers, API_SERVERS_SELECTION, reason => {
      if (isForbidden(reason)) this.#known(endpointSlices);
    });
  }

  start(): void {
    for (const informer of this.#informers) informer.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#informers.map(informer => informer.stop()));
  }

  /** What is missing to know everything. Undefined: nothing. */
  get incomplete(): string | undefined {
    if (this.#unsynced.size === 0) return undefined;
    const [reason] = this.#faults.values();
    return `not read in full yet: ${[...this.#unsynced].join(', ')}${reason === undefined ? '' : `; ${reason}`}`;
  }

  get unreadable(): Iterable<Unreadable> {
    return this.#unreadable.values();
  }

  /** The id of this cluster in the set. */
  get clusterId(): string | undefined {
    return this.#clusterIds.get(CLUSTER_ID_PROPERTY);
  }

  /** The Node that the agent runs on. */
  get ownNode(): OwnNode | undefined {
    return this.nodes.get(this.#options.nodeName);
  }

  /** Blocks that cluster IPs come from. Undefined: the API server does not serve ServiceCIDRs. */
  get serviceCIDRs(): readonly string[] | undefined {
    return this.#servesServiceCIDRs ? [...this.#serviceCIDRs.values()].flat() : undefined;
  }

  /** Where its API servers are; canonical. */
  get apiServers(): readonly string[] {
    return [...this.#apiServers.values()].flat();
  }

  #readNode(raw: RawObject, problems: Problems): OwnNode | undefined {
    const node = nodeReader.read(raw, problems);
    if (node === undefined) return undefined;
    if (node.name !== this.#options.nodeName) return networkOf(node);
    const all = raw.metadata.annotations ?? {};
    const ours = PUBLISHED_ANNOTATIONS.flatMap(name => (all[name] === undefined ? [] : [[name, all[name]]]));
    return { ...node, annotations: Object.fromEntries(ours) };
  }

  #known({ plural }: Resource): void {
    this.#unsynced.delete(plural);
    this.#options.changed();
  }

  /** Nodes are written again and again without being any different; only what differs is news. */
  #watch<T>(
    resource: Resource,
    read: (raw: RawObject, problems: Problems) => T | undefined,
    into: Map<string, T>,
    selection: Selection = {},
    stale: (reason: Error) => void = () => {},
  ): Informer<Named<T>> {
    const { client, changed, log } = this.#options;
    this.#unsynced.add(resource.plural);
    const informer = new Informer<Named<T>>({
      client,
      resource,
      selection,
      read: raw => this.#read(resource, read, raw),
      log,
      random: Math.random,
      times: OWN_SERVER_TIMES,
      listener: {
        put: ({ name, value }) => {
          const key = `${resource.kind} ${name}`;
          if (value === undefined) this.#unreadable.set(key, { kind: resource.kind, name });
          const mended = value !== undefined && this.#unreadable.delete(key);
          if (value === undefined || (!mended && isDeepStrictEqual(into.get(name), value))) return;
          into.set(name, value);
          changed();
        },
        dropped: ({ name }) => {
          this.#unreadable.delete(`${resource.kind} ${name}`);
          into.delete(name);
          changed();
        },
        synced: () => this.#known(resource),
        stale: reason => {
          this.#faults.set(resource.plural, reason.message);
          stale(reason);
        },
        fresh: () => void this.#faults.delete(resource.plural),
      },
    });
    this.#informers.push(informer as unknown as Informer<never>);
    return informer;
  }

  #read<T>(
    { kind }: Resource,
    read: (raw: RawObject, problems: Problems) => T | undefined,
    raw: RawObject,
  ): Named<T> {
    const { name } = raw.metadata;
    const problems = new Problems(() => `${kind} ${name}`);
    const value = read(raw, problems);
    for (const problem of problems.list())
      this.#options.log.warn(problem, 'an object cannot be read as it is');
    return { name, value };
  }
}

/** What else it says is its own agent's word, and news to nobody here: a path that breaks has all of them speak up. */
function networkOf({ kind, name, podCIDRs, addresses }: NodeObject): OwnNode {
  return { kind, name, podCIDRs, addresses };
}

/** Routes lead to it whether it is ready or not. */
function readRemoteNode(raw: RawObject, problems: Problems): NodeObject | undefined {
  const found = remoteNodeReader.read(raw, problems);
  if (found === undefined) return undefined;
  const { ready, ...node } = found;
  return node;
}

function readId(raw: RawObject, problems: Problems): string | undefined {
  return readClusterId(raw, problems)?.value;
}
