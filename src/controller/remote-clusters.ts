import { CausewayError } from '../base/errors.ts';
import { sameData } from '../mesh/equal.ts';
import { CLUSTER_ID_PROPERTY } from '../objects/names.ts';
import type { RemoteClusterObject } from '../objects/shapes.ts';
import type { Logger } from '../ops/log.ts';
import { type HealthLimits, initialHealth } from './health.ts';
import type { LocalState } from './local-state.ts';
import type { Memory } from './memory.ts';
import type { Routing } from './nodes/routing.ts';
import { RemoteCluster } from './remote-cluster.ts';
import type { RouteFacts } from './remote-conditions.ts';
import { RemoteImports } from './remote-imports.ts';

export interface RemoteClustersOptions {
  readonly state: LocalState;
  readonly routing: Routing;
  readonly limits: HealthLimits;
  /** What is written for this service may have to change, because of news from a remote cluster. */
  readonly touched: (key: string, remote: string) => void;
  /** What is known of a remote cluster has changed. */
  readonly changed: (name: string) => void;
  readonly log: Logger;
}

interface Entry {
  readonly remote: RemoteCluster;
  /** What the connection was made from; other than that, it has to be made anew. */
  readonly object: RemoteClusterObject;
  readonly secret: string | undefined;
}

/** One connection per RemoteCluster object, each on its own; and who has which cluster id. */
export class RemoteClusters {
  readonly #options: RemoteClustersOptions;
  readonly #entries = new Map<string, Entry>();
  /** By RemoteCluster: what it imports, under which id. */
  readonly #imports = new Map<string, RemoteImports>();

  constructor(options: RemoteClustersOptions) {
    this.#options = options;
  }

  /** Before anything is written: takes up what was last heard of each cluster that was not read in full since. */
  recall(memory: Memory): void {
    const { state } = this.#options;
    for (const object of state.remoteClusters.values()) {
      const id = object.status.clusterId;
      if (id === undefined || this.#faultOf(object.name, id) !== undefined) continue;
      const held = this.#imports.get(object.name);
      if (held !== undefined && held.cluster !== id) continue;
      const imports = held ?? this.#newImports(id, object);
      imports.recall(memory.of(id));
      if (held === undefined) imports.setServing(hasServed(object));
      this.#imports.set(object.name, imports);
    }
  }

  /** Starts, restarts and ends connections, so that there is one for each RemoteCluster as it is now. */
  update(): void {
    const { remoteClusters } = this.#options.state;
    for (const [name, { remote }] of this.#entries) {
      if (remoteClusters.has(name)) continue;
      this.#entries.delete(name);
      void remote.stop();
      this.#imports.get(name)?.clear();
      this.#imports.delete(name);
    }
    for (const object of remoteClusters.values()) this.#ensure(object);
  }

  reportOf(name: string): RemoteCluster['report'] | undefined {
    return this.#entries.get(name)?.remote.report;
  }

  /** See `RemoteCluster.credentialLife`. */
  credentialLifeOf(name: string): RemoteCluster['credentialLife'] {
    return this.#entries.get(name)?.remote.credentialLife;
  }

  importsOf(name: string): RemoteImports | undefined {
    return this.#imports.get(name);
  }

  /** News of the data path to a cluster. */
  pathChanged(name: string): void {
    this.#entries.get(name)?.remote.routesChanged();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ remote }) => remote.stop()));
  }

  #ensure(object: RemoteClusterObject): void {
    const { state, routing, limits, changed, log } = this.#options;
    const { name } = object;
    const secret = state.kubeconfigOf(object);
    const entry = this.#entries.get(name);
    if (entry !== undefined && sameSpec(entry.object, object)) {
      if (entry.secret === secret) return;
      if (entry.remote.adopt(secret)) {
        this.#entries.set(name, { ...entry, secret });
        return;
      }
    }
    const ended = entry?.remote.stop();
    const remote = new RemoteCluster({
      ownCluster: state.cluster,
      object,
      secret,
      limits,
      imports: () => this.#imports.get(name),
      health: entry?.remote.report.health ?? initialHealth(performance.now(), wasThere(object)),
      claim: id => this.#claim(object, id),
      nodes: id => routing.publishedBy(object, id),
      routes: () => this.#routesOf(object.name),
      changed: () => changed(name),
      log: log.child({ remoteCluster: name }),
    });
    this.#entries.set(name, { remote, object, secret });
    void (ended ?? Promise.resolve()).then(() => {
      if (this.#entries.get(name)?.remote === remote) remote.start();
    });
  }

  #routesOf(name: string): RouteFacts | undefined {
    const { state, routing } = this.#options;
    const remote = state.remoteClusters.get(name);
    const cluster = this.#imports.get(name)?.cluster ?? remote?.status.clusterId;
    const dataPath = remote && routing.dataPathTo(remote, cluster);
    if (dataPath === undefined) return undefined;
    return { nodes: routing.nodesOf(name)?.finding ?? { reason: 'Syncing' }, dataPath };
  }

  /** A cluster that comes back under another id is another cluster: what it gave under the old one goes. */
  #claim(object: RemoteClusterObject, id: string): RemoteImports {
    const fault = this.#faultOf(object.name, id);
    const held = this.#imports.get(object.name);
    if (held !== undefined && held.cluster !== id) {
      held.clear();
      this.#imports.delete(object.name);
    }
    if (fault !== undefined) throw new CausewayError('CLUSTER_ID_TAKEN', fault);
    const imports = this.#imports.get(object.name) ?? this.#newImports(id, object);
    this.#imports.set(object.name, imports);
    return imports;
  }

  #newImports(id: string, object: RemoteClusterObject): RemoteImports {
    const { state, touched } = this.#options;
    return new RemoteImports(id, object, state.mesh, key => touched(key, object.name));
  }

  #faultOf(name: string, id: string): string | undefined {
    const remedy = `give each cluster of the set an id of its own (ClusterProperty ${CLUSTER_ID_PROPERTY}), or delete this RemoteCluster`;
    if (id === this.#options.state.cluster) {
      return `RemoteCluster ${name} says that its cluster id is ${id}, which is this cluster's own; ${remedy}`;
    }
    const [owner] = [...this.#imports].find(([other, { cluster }]) => other !== name && cluster === id) ?? [];
    if (owner === undefined) return undefined;
    return `RemoteCluster ${name} says that its cluster id is ${id}, which RemoteCluster ${owner} has already; ${remedy}`;
  }
}

/** Whether it served when its status was last written. */
function hasServed({ status }: RemoteClusterObject): boolean {
  return !status.conditions.some(({ type, status: holds }) => type === 'Serving' && holds === 'False');
}

/** Whether its API server was there then. Where packets did not get to its pods, that is looked at on its own. */
function wasThere({ status }: RemoteClusterObject): boolean {
  const serving = status.conditions.find(({ type }) => type === 'Serving');
  return serving?.status !== 'False' || serving.reason === 'Unreachable';
}

/** Whether a connection made from the one serves the other: its status and what agents go by are no part of it. */
function sameSpec(one: RemoteClusterObject, other: RemoteClusterObject): boolean {
  return sameData(connectedBy(one), connectedBy(other));
}

function connectedBy(object: RemoteClusterObject): object {
  const { status, generation, labels, encryption, routingModes, allowMassRemoval, ...rest } = object;
  return rest;
}
