import type { ApiClient, RawObject } from '../../kube/client.ts';
import { Informer } from '../../kube/informer.ts';
import { OWN_SERVER_TIMES } from '../../kube/informer-times.ts';
import { API_SERVERS_SELECTION, isUnserved } from '../../kube/own-network.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { sameData } from '../../mesh/equal.ts';
import { apiServersIn } from '../../objects/api-servers.ts';
import { type NodeObject, nodeReader } from '../../objects/node.ts';
import { Problems } from '../../objects/problem.ts';
import { serviceCIDRsIn } from '../../objects/service-cidr.ts';
import type { Logger } from '../../ops/log.ts';
import { guardedBy } from '../../routes/inputs.ts';
import type { GuardedRange } from '../../routes/model.ts';
import type { NodeVerdict } from '../data-path.ts';
import type { NodeRoutes } from '../reported-routes.ts';

export interface OwnNetworkOptions {
  readonly client: ApiClient;
  /** What the nodes say of the ways to these clusters may be something else; undefined: to any. */
  readonly verdicts: (clusters: Iterable<string> | undefined) => void;
  /** The addresses that no other cluster may take may be others. */
  readonly guarded: () => void;
  readonly log: Logger;
}

type OwnNode = Pick<NodeObject, 'kind' | 'name' | 'ready' | 'podCIDRs' | 'addresses' | 'dataPath' | 'routes'>;

type OwnResource = (typeof RESOURCES)['nodes' | 'serviceCidrs' | 'endpointSlices'];

/**
 * The nodes of this cluster, the blocks of its Services and its API servers; followed only where some cluster is routed
 * to.
 */
export class OwnNetwork {
  readonly #options: OwnNetworkOptions;
  readonly #nodes = new Map<string, OwnNode>();
  readonly #services = new Map<string, readonly string[]>();
  readonly #apiServers = new Map<string, readonly string[]>();
  #informers: readonly { start(): void; stop(): Promise<void> }[] = [];
  readonly #unknown = new Set<string>();

  constructor(options: OwnNetworkOptions) {
    this.#options = options;
  }

  /** Begins to follow them; nothing happens where they are followed already. */
  start(): void {
    if (this.#informers.length > 0) return;
    const services = this.#listInformer(RESOURCES.serviceCidrs, serviceCIDRsIn, this.#services, reason => {
      if (!isUnserved(reason, services.synced)) return;
      void services.stop();
      this.#known(RESOURCES.serviceCidrs.plural);
    });
    const apiServers = this.#listInformer(RESOURCES.endpointSlices, apiServersIn, this.#apiServers);
    this.#informers = [this.#nodeInformer(), services, apiServers];
    for (const informer of this.#informers) informer.start();
  }

  /** What is known is forgotten. */
  async stop(): Promise<void> {
    const informers = this.#informers;
    this.#informers = [];
    this.#nodes.clear();
    this.#services.clear();
    this.#apiServers.clear();
    await Promise.all(informers.map(informer => informer.stop()));
  }

  /** Whether the nodes are known in full. */
  get nodesKnown(): boolean {
    return this.#informers.length > 0 && !this.#unknown.has(RESOURCES.nodes.plural);
  }

  /** What no other cluster may take; undefined: that is not known yet. */
  get guarded(): readonly GuardedRange[] | undefined {
    if (this.#informers.length === 0 || this.#unknown.size > 0) return undefined;
    const [services, apiServers] = [this.#services, this.#apiServers].map(all => [...all.values()].flat());
    return guardedBy(this.#nodes.values(), services ?? [], apiServers ?? []);
  }

  /** Each ready node, and what it says of the way to a cluster. One that is not ready may have said it long ago. */
  *verdictsOn(cluster: string): Iterable<NodeVerdict> {
    for (const { name, ready, dataPath } of this.#nodes.values()) {
      if (ready === true) yield { node: name, says: dataPath?.get(cluster) };
    }
  }

  /** The same of how each reaches its nodes; those that say nothing are not among them. */
  *routesTo(cluster: string): Iterable<NodeRoutes> {
    for (const { name, ready, routes } of this.#nodes.values()) {
      const says = routes?.get(cluster);
      if (ready === true && says !== undefined) yield { node: name, says };
    }
  }

  #nodeInformer(): Informer<OwnNode> {
    return this.#informer<OwnNode>(RESOURCES.nodes, readNode, {
      put: (node, before) => this.#put(node, before),
      dropped: node => {
        this.#nodes.delete(node.name);
        this.#options.guarded();
        this.#options.verdicts(undefined);
      },
    });
  }

  #put(node: OwnNode, before: OwnNode | undefined): void {
    this.#nodes.set(node.name, node);
    if (!sameData(networkOf(node), before && networkOf(before))) this.#options.guarded();
    // Also a node that says nothing is one of those that are ready, and counts for every cluster.
    const isMoreOrLess = before?.ready !== node.ready;
    const said = new Map([...(before?.dataPath ?? []), ...(node.dataPath ?? [])]);
    const differs = (cluster: string) => before?.dataPath?.get(cluster) !== node.dataPath?.get(cluster);
    this.#options.verdicts(isMoreOrLess ? undefined : [...said.keys()].filter(differs));
  }

  /** Follows objects that are lists of addresses or blocks. */
  #listInformer(
    resource: OwnResource,
    read: (raw: RawObject) => readonly string[] | undefined,
    into: Map<string, readonly string[]>,
    stale: (reason: Error) => void = () => {},
  ): Informer<{ name: string; list: readonly string[] }> {
    return this.#informer(resource, raw => ({ name: raw.metadata.name, list: read(raw) ?? [] }), {
      put: ({ name, list }) => {
        into.set(name, list);
        this.#options.guarded();
      },
      dropped: ({ name }) => {
        into.delete(name);
        this.#options.guarded();
      },
      stale,
    });
  }

  #informer<T>(
    resource: OwnResource,
    read: (raw: RawObject) => T | undefined,
    listener: {
      put(object: T, before: T | undefined): void;
      dropped(object: T): void;
      stale?(reason: Error): void;
    },
  ): Informer<T> {
    const { client, log } = this.#options;
    this.#unknown.add(resource.plural);
    return new Informer<T>({
      selection: resource === RESOURCES.endpointSlices ? API_SERVERS_SELECTION : {},
      ...{ client, resource, read, log, random: Math.random, times: OWN_SERVER_TIMES },
      listener: {
        stale: () => {},
        ...listener,
        synced: () => this.#known(resource.plural),
        fresh: () => {},
      },
    });
  }

  #known(list: string): void {
    this.#unknown.delete(list);
    this.#options.guarded();
    this.#options.verdicts(undefined);
  }
}

function readNode(raw: RawObject): OwnNode | undefined {
  const node = nodeReader.read(raw, Problems.ignored());
  if (node === undefined) return undefined;
  const { kind, name, ready, podCIDRs, addresses, dataPath, routes } = node;
  return {
    ...{ kind, name, podCIDRs, addresses },
    ...(ready === undefined ? {} : { ready }),
    ...(dataPath === undefined ? {} : { dataPath }),
    ...(routes === undefined ? {} : { routes }),
  };
}

function networkOf({ podCIDRs, addresses }: OwnNode): readonly unknown[] {
  return [podCIDRs, addresses];
}
