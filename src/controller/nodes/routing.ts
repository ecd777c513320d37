import type { DesiredRemoteNode } from '../../desired/remote-node.ts';
import type { ApiClient } from '../../kube/client.ts';
import { sameData } from '../../mesh/equal.ts';
import type { RemoteClusterObject } from '../../objects/shapes.ts';
import type { Logger } from '../../ops/log.ts';
import { foldDataPath, rememberedDataPath } from '../data-path.ts';
import type { DataPathReason, Finding } from '../remote-conditions.ts';
import { foldRoutes, type ReportedRoutes } from '../reported-routes.ts';
import { OwnNetwork } from './own-network.ts';
import { PublishedNodes } from './published-nodes.ts';
import { RemoteNodeObjects } from './remote-node-objects.ts';

export interface RoutingOptions {
  readonly client: ApiClient;
  /** By name. */
  readonly remoteClusters: ReadonlyMap<string, RemoteClusterObject>;
  readonly sha256: (text: string) => Uint8Array;
  /** A RemoteNode may be out of line; undefined: any of them. */
  readonly touched: (name: string | undefined) => void;
  /** Which RemoteNodes are accepted may be other than before. */
  readonly moved: () => void;
  /** What is known of the data path to a remote cluster has changed. */
  readonly pathChanged: (remote: string) => void;
  readonly log: Logger;
}

/**
 * Everything that is known of nodes: those that other clusters have, those that stand here as RemoteNodes, and those of
 * this cluster. Every replica keeps it, so that the next leader knows it at once; `RemoteNodeWriter` writes.
 */
export class Routing {
  readonly objects: RemoteNodeObjects;
  readonly own: OwnNetwork;
  readonly #options: RoutingOptions;
  /** By RemoteCluster. */
  readonly #published = new Map<string, PublishedNodes>();
  /** RemoteClusters that are routed to. */
  #routed: ReadonlySet<string> = new Set();
  /** By cluster id, as far as it was asked for; and what it was folded with. */
  readonly #dataPaths = new Map<
    string,
    { readonly wasLost: boolean; readonly finding: Finding<DataPathReason> }
  >();

  constructor(options: RoutingOptions) {
    const { client, log, touched, moved } = options;
    this.#options = options;
    const objectsOptions = { client, log, touched, moved, synced: () => touched(undefined) };
    this.objects = new RemoteNodeObjects(objectsOptions);
    const verdicts = (clusters: Iterable<string> | undefined) => this.#verdictsChanged(clusters);
    this.own = new OwnNetwork({ client, log, guarded: moved, verdicts });
  }

  start(): void {
    this.objects.start();
    this.update();
  }

  async stop(): Promise<void> {
    await Promise.all([this.objects.stop(), this.own.stop()]);
  }

  /** RemoteClusters have changed. Where none is routed to, no nodes are held in memory. */
  update(): void {
    const { remoteClusters, touched } = this.#options;
    const routed = new Set([...remoteClusters.values()].filter(isRouted).map(({ name }) => name));
    for (const name of [...this.#published.keys()]) if (!routed.has(name)) this.#published.delete(name);
    if (routed.size > 0) this.own.start();
    else {
      this.#dataPaths.clear();
      void this.own.stop();
    }
    // Our own writes of their statuses are news of RemoteClusters too.
    if (sameData([...routed], [...this.#routed])) return;
    this.#routed = routed;
    touched(undefined);
  }

  /** Where the nodes of a cluster go that was found to have this id; undefined: nobody wants to know them. */
  publishedBy({ name, ...remote }: RemoteClusterObject, cluster: string): PublishedNodes | undefined {
    if (!isRouted(remote)) return undefined;
    const held = this.#published.get(name);
    if (held?.cluster === cluster) return held;
    const { sha256, touched } = this.#options;
    const heard = () => touched(undefined);
    const published = new PublishedNodes({ readBy: name, cluster, sha256, touched, heard });
    this.#published.set(name, published);
    return published;
  }

  /** The nodes of a RemoteCluster, as far as they were heard. */
  nodesOf(remote: string): PublishedNodes | undefined {
    return this.#published.get(remote);
  }

  /** The RemoteNode of a name that shall exist. */
  desiredOf(name: string): DesiredRemoteNode | undefined {
    for (const { desired } of this.#published.values()) {
      const found = desired.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Names of all RemoteNodes that exist, or shall. */
  get names(): ReadonlySet<string> {
    const desired = [...this.#published.values()].flatMap(published => [...published.desired.keys()]);
    return new Set([...this.objects.all.keys(), ...desired]);
  }

  /**
   * Whether a RemoteNode that is not wanted may go: nobody is to route to its cluster, or that has said in the life of
   * this process which nodes it has. A cluster that is away keeps its own.
   */
  mayGo(readBy: string): boolean {
    const { remoteClusters } = this.#options;
    return !isRouted(remoteClusters.get(readBy)) || this.#published.get(readBy)?.whole === true;
  }

  /** Undefined: nobody is to route to the cluster. @param cluster its id, as far as it is known */
  dataPathTo(remote: RemoteClusterObject, cluster: string | undefined): Finding<DataPathReason> | undefined {
    if (!isRouted(remote)) return undefined;
    const remembered = rememberedDataPath(remote.status.conditions);
    if (cluster === undefined || !this.own.nodesKnown) return remembered;
    const wasLost = remembered.reason === 'Unreachable';
    const known = this.#dataPaths.get(cluster);
    if (known?.wasLost === wasLost) return known.finding;
    const finding = foldDataPath(this.own.verdictsOn(cluster), wasLost);
    this.#dataPaths.set(cluster, { wasLost, finding });
    return finding;
  }

  /** How the nodes of this cluster say that they reach those of another; undefined: none does. @param cluster its id */
  routesTo(cluster: string): ReportedRoutes | undefined {
    return foldRoutes(this.own.routesTo(cluster));
  }

  #verdictsChanged(clusters: Iterable<string> | undefined): void {
    if (!this.own.nodesKnown) return;
    const { remoteClusters, pathChanged } = this.#options;
    const before = new Map(this.#dataPaths);
    for (const cluster of clusters ?? [...before.keys()]) this.#dataPaths.delete(cluster);
    for (const remote of remoteClusters.values()) {
      const { clusterId } = remote.status;
      if (clusterId === undefined || (this.#dataPaths.has(clusterId) && clusters !== undefined)) continue;
      if (!sameData(this.dataPathTo(remote, clusterId), before.get(clusterId)?.finding))
        pathChanged(remote.name);
    }
  }
}

export function isRouted(remote: Pick<RemoteClusterObject, 'overlayRoutingMode'> | undefined): boolean {
  return remote?.overlayRoutingMode === 'Enabled';
}
