import type { OwnedKind } from '../desired/model.ts';
import type { ApiClient, RawObject, Selection } from '../kube/client.ts';
import { Informer } from '../kube/informer.ts';
import type { InformerListener } from '../kube/informer-listener.ts';
import { OWN_SERVER_TIMES } from '../kube/informer-times.ts';
import { RESOURCES, type Resource } from '../kube/resource.ts';
import { MADE_FOR } from '../objects/names.ts';
import { namespaceReader } from '../objects/namespace.ts';
import { Problems } from '../objects/problem.ts';
import { remoteClusterReader, standInFor } from '../objects/remote-cluster.ts';
import type { Logger } from '../ops/log.ts';
import {
  type ProblemSink,
  readLocalExport,
  readLocalExported,
  readLocalImport,
  readLocalService,
  readLocalSlice,
} from './local-reading.ts';
import type { HeldSecret, LocalObject, LocalState } from './local-state.ts';

export interface LocalClusterOptions {
  readonly client: ApiClient;
  readonly state: LocalState;
  /** Where the Secrets of RemoteClusters lie. */
  readonly namespace: string;
  readonly announcements: ProblemSink;
  readonly sha256: (text: string) => Uint8Array;
  readonly log: Logger;
}

/** Keeps a LocalState equal to the objects of the local API server. */
export class LocalCluster {
  readonly #options: LocalClusterOptions;
  readonly #informers: Informer<never>[] = [];
  readonly #unsynced = new Set<string>();
  readonly #synced = Promise.withResolvers<void>();

  constructor(options: LocalClusterOptions) {
    this.#options = options;
    const { state, sha256, announcements: tell, namespace } = options;
    this.#watchInto(RESOURCES.services, raw => readLocalService(raw, sha256, tell), 'Service');
    this.#watchInto(RESOURCES.serviceExports, raw => readLocalExport(raw, sha256, tell));
    this.#watchInto(RESOURCES.serviceImports, raw => readLocalImport(raw, sha256), 'ServiceImport');
    this.#watchInto(RESOURCES.endpointSlices, raw => readLocalSlice(raw, sha256), 'EndpointSlice');
    this.#watchInto(RESOURCES.exportedServices, raw => readLocalExported(raw, sha256), 'ExportedService');
    this.#watch(RESOURCES.namespaces, {}, raw => namespaceReader.read(raw, ignored()), {
      put: one => state.putNamespace(one),
      dropped: one => state.dropNamespace(one),
    });
    this.#watch(RESOURCES.remoteClusters, {}, raw => this.#readRemote(raw), {
      put: one => state.putRemote(one),
      dropped: one => state.dropRemote(one),
    });
    this.#watch(RESOURCES.secrets, { namespace }, readSecret, {
      put: secret => state.putSecret(secret),
      dropped: secret => state.dropSecret(secret),
    });
  }

  start(): void {
    for (const informer of this.#informers) informer.start();
  }

  async stop(): Promise<void> {
    this.#synced.resolve();
    await Promise.all(this.#informers.map(informer => informer.stop()));
  }

  /** Resolves when all is known: until then nothing may be concluded from what is not there. */
  get whenSynced(): Promise<void> {
    return this.#synced.promise;
  }

  /** The kinds that are not known in full yet. */
  get unsynced(): readonly string[] {
    return [...this.#unsynced];
  }

  #watchInto(resource: Resource, read: (raw: RawObject) => LocalObject | undefined, kind?: OwnedKind): void {
    const { state } = this.#options;
    this.#watch(resource, {}, read, {
      put: (object, before) => state.put(object, before),
      dropped: object => state.dropped(object),
      ...(kind === undefined ? {} : { listed: list => state.listed(kind, list) }),
    });
  }

  #watch<T>(
    resource: Resource,
    selection: Selection,
    read: (raw: RawObject) => T | undefined,
    listener: Pick<InformerListener<T>, 'put' | 'dropped' | 'listed'>,
  ): void {
    const { client, log } = this.#options;
    const name = resource.plural;
    this.#unsynced.add(name);
    const informer = new Informer<T>({
      client,
      resource,
      selection,
      read,
      log,
      random: Math.random,
      times: OWN_SERVER_TIMES,
      listener: {
        ...listener,
        synced: () => {
          this.#unsynced.delete(name);
          if (this.#unsynced.size === 0) this.#synced.resolve();
        },
        // The informer says in the log whether the server is followed.
        stale: () => {},
        fresh: () => {},
      },
    });
    this.#informers.push(informer as Informer<never>);
  }

  #readRemote(raw: RawObject) {
    const { state, announcements } = this.#options;
    const { name } = raw.metadata;
    const problems = new Problems(() => `RemoteCluster ${name}`);
    const remote = remoteClusterReader.read(raw, problems);
    announcements.problems(raw, 'RemoteCluster', problems.list());
    return remote ?? standInFor(raw, state.remoteClusters.get(name), problems.list());
  }
}

function ignored(): Problems {
  return new Problems(() => '');
}

/** Only texts of a size that a kubeconfig may have; they are decoded when somebody asks for them. */
function readSecret(raw: RawObject): HeldSecret | undefined {
  const data = raw['data'];
  const { name, resourceVersion = '', labels = {} } = raw.metadata;
  if (typeof data !== 'object' || data === null) return undefined;
  const texts = Object.entries(data).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].length <= LONGEST_SECRET,
  );
  return { name, resourceVersion, madeFor: labels[MADE_FOR], texts: new Map(texts) };
}

/** Octets of base64 for the 64 KiB that a kubeconfig may have. */
const LONGEST_SECRET = 88_000;
