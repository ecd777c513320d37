import { setTimeout as sleep } from 'node:timers/promises';
import { CausewayError } from '../base/errors.ts';
import { privateExportsNamespace } from '../desired/publication.ts';
import { ApiError } from '../kube/api-error.ts';
import type { ApiClient } from '../kube/client.ts';
import type { Connection } from '../kube/connection.ts';
import { HttpsApiClient } from '../kube/https-client.ts';
import type { Informer } from '../kube/informer.ts';
import { type RemoteConnection, readableKubeconfig, remoteKubeconfig } from '../kube/remote-kubeconfig.ts';
import { RESOURCES } from '../kube/resource.ts';
import { CLUSTER_ID_PROPERTY, EXPORTS_NAMESPACE } from '../objects/names.ts';
import type { RemoteClusterObject } from '../objects/shapes.ts';
import { type TokenLife, tokenClaims } from '../objects/token.ts';
import type { Logger } from '../ops/log.ts';
import { clusterIdIn } from './cluster-id.ts';
import { type HealthLimits, type HealthState, isReturning } from './health.ts';
import { nodeInformer } from './nodes/node-informer.ts';
import type { PublishedNodes } from './nodes/published-nodes.ts';
import type { RouteFacts } from './remote-conditions.ts';
import type { RemoteImports } from './remote-imports.ts';
import { type ImportInformer, importInformers } from './remote-informers.ts';
import { RemoteReport } from './remote-report.ts';

export interface RemoteClusterOptions {
  /** The id of this cluster. */
  readonly ownCluster: string;
  readonly object: RemoteClusterObject;
  /** The kubeconfig in base64; undefined: there is no such Secret, or no such key in it. */
  readonly secret: string | undefined;
  readonly limits: HealthLimits;
  /** What was known of the cluster when the last connection to it ended, or what a new one begins with. */
  readonly health: HealthState;
  /** What is held of it, from before too: it may be recalled while nobody answers yet. */
  readonly imports: () => RemoteImports | undefined;
  /** Takes an id for this RemoteCluster, or throws a CausewayError that says why it cannot have it. */
  readonly claim: (id: string) => RemoteImports;
  /** Where the nodes of the cluster of this id go; undefined: nobody wants to know them. */
  readonly nodes: (id: string) => PublishedNodes | undefined;
  /** What is known of the routes to it. */
  readonly routes: () => RouteFacts | undefined;
  /** What is known of the cluster may have changed. */
  readonly changed: () => void;
  readonly log: Logger;
}

/** What reads one list of the cluster. */
type Followed = Pick<Informer<unknown>, 'start' | 'stop' | 'resume'>;

/** Milliseconds between two questions whether the API server still answers, and is still the same cluster. */
const PROBE = 3_000;
/** Questions that have to go unanswered before a cluster may be held for lost. */
const PROBES_PER_SILENCE = 5;

/**
 * One other cluster: connects, asks for its id, imports what it publishes, and keeps asking whether it is there. Has
 * nothing to do with any other cluster; whatever goes wrong here is told in the report and tried again.
 */
export class RemoteCluster {
  readonly report: RemoteReport;
  readonly #options: RemoteClusterOptions;
  readonly #stopped = new AbortController();
  readonly #interval: number;
  #secret: string | undefined;
  /** By the kubeconfig that was read last. */
  #connection: RemoteConnection | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: RemoteClusterOptions) {
    const { limits, health, secret, routes } = options;
    this.#options = options;
    this.#secret = secret;
    this.#interval = Math.min(PROBE, limits.lostAfter / PROBES_PER_SILENCE);
    this.report = new RemoteReport(limits, health, routes);
  }

  start(): void {
    this.#ended = this.#run();
  }

  /** What it has imported stays. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#ended;
  }

  /** How long the credential that is used now holds; undefined: it does not say so. */
  get credentialLife(): TokenLife | undefined {
    const token = this.#connection?.token;
    return token === undefined ? undefined : tokenClaims(token)?.life;
  }

  /**
   * Goes on with another Secret in which nothing but the token is new: what is being followed need not be read again.
   *
   * @returns false: it cannot, the connection has to be made anew
   */
  adopt(secret: string | undefined): boolean {
    const { reason } = this.report.facts.sync;
    if (secret === undefined || reason !== 'Synced') return false;
    const renewed = readableKubeconfig(decoded(secret));
    if (renewed === undefined || renewed.endpoint !== this.#connection?.endpoint) return false;
    this.#secret = secret;
    this.#connection = renewed;
    return true;
  }

  /** News of the routes to the cluster: traffic goes by them at once. */
  routesChanged(): void {
    this.#tell();
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#session().catch((fault: unknown) => this.#failed(fault));
      this.#tell();
      await this.#pause();
    }
  }

  /** From connecting to the moment when the cluster is another one. */
  async #session(): Promise<void> {
    const connection = remoteKubeconfig(this.#kubeconfig());
    this.#connection = connection;
    const authenticate = async (again: boolean) => (this.#connection ?? connection).authenticate(again);
    const client = new HttpsApiClient({ ...connection, authenticate });
    try {
      const id = await this.#identify(client);
      const imports = this.#options.claim(id);
      imports.restart(this.#options.object);
      const informers = this.#informers(client, connection, id, imports);
      const own = informers.filter(informer => informer.namespace !== EXPORTS_NAMESPACE);
      const optional = isNamed(connection.namespace) ? [] : own.map(({ name }) => name);
      this.report.connected(
        informers.map(({ name }) => name),
        optional,
      );
      const followed = [...informers.map(({ informer }) => informer), ...this.#nodeInformers(client, id)];
      await this.#follow(client, id, followed);
    } finally {
      client.close();
    }
  }

  #kubeconfig(): string {
    const { object } = this.#options;
    if (object.unreadable !== undefined)
      throw new CausewayError('OBJECT_INVALID', `RemoteCluster ${object.name}: ${object.unreadable}`);
    if (this.#secret !== undefined) return decoded(this.#secret);
    throw new CausewayError(
      'SECRET_MISSING',
      `RemoteCluster ${object.name}: Secret ${object.secretName} has no key ${object.secretKey}; create it in the ` +
        "controller's namespace, with the kubeconfig of the other cluster",
    );
  }

  #informers(
    client: ApiClient,
    { namespace }: Connection,
    id: string,
    imports: RemoteImports,
  ): ImportInformer[] {
    const { changed, log } = this.#options;
    const { report } = this;
    const own = isNamed(namespace) ? namespace : privateExportsNamespace(this.#options.ownCluster);
    const namespaces = new Set([EXPORTS_NAMESPACE, own]);
    const listed = (name: string): void => {
      report.listed(name);
      this.#tell();
    };
    const believe = (signal: AbortSignal) => this.#isItself(client, id, signal);
    return importInformers({ client, namespaces, id, imports, report, believe, listed, changed, log });
  }

  #nodeInformers(client: ApiClient, id: string): Followed[] {
    const nodes = this.#options.nodes(id);
    if (nodes === undefined) return [];
    nodes.restart();
    const { changed, log } = this.#options;
    const believe = (signal: AbortSignal) => this.#isItself(client, id, signal);
    return [nodeInformer({ client, nodes, believe, changed, log })];
  }

  async #follow(client: ApiClient, id: string, informers: readonly Followed[]): Promise<void> {
    for (const informer of informers) informer.start();
    try {
      for (;;) {
        this.#tell();
        await this.#pause();
        const was = isReturning(this.report.health);
        if (this.#stopped.signal.aborted || !(await this.#isStill(client, id))) return;
        // Its watches may hang on connections that died in the silence, or wait for a time that was right in it.
        if (!was && isReturning(this.report.health)) for (const informer of informers) informer.resume();
      }
    } finally {
      await Promise.all(informers.map(informer => informer.stop()));
    }
  }

  /** A cluster that cannot be asked, or does not say who it is, is still the same as far as anyone knows. */
  async #isStill(client: ApiClient, id: string): Promise<boolean> {
    try {
      const now = await this.#identify(client);
      this.report.answered();
      return now === id;
    } catch (fault) {
      this.#failed(fault);
      return true;
    }
  }

  /**
   * The id that the cluster has now. It is also the question whether its API server, and the store behind it, answer.
   */
  async #identify(client: ApiClient): Promise<string> {
    return clusterIdIn(await this.#probe(client), client.server);
  }

  /**
   * A store that was set up anew is empty until somebody installs everything in it again. Lists of it are good answers
   * that would take away all that the cluster has given; what it lacks then is its id, which is asked for after every
   * list.
   */
  async #isItself(client: ApiClient, id: string, signal: AbortSignal): Promise<void> {
    const raw = await client.get(RESOURCES.clusterProperties, { name: CLUSTER_ID_PROPERTY }, signal);
    const now = clusterIdIn(raw, client.server);
    if (now !== id) throw new Error(`${client.server} was cluster ${id} and is ${now} now`);
  }

  async #probe(client: ApiClient) {
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(this.#interval)]);
    try {
      const raw = await client.get(RESOURCES.clusterProperties, { name: CLUSTER_ID_PROPERTY }, signal);
      this.report.observed({ at: performance.now(), answered: true });
      return raw;
    } catch (fault) {
      // A refusal is an answer: whoever refuses is alive.
      const answered = fault instanceof ApiError;
      if (!this.#stopped.signal.aborted) this.report.observed({ at: performance.now(), answered });
      throw fault;
    }
  }

  #failed(fault: unknown): void {
    if (!this.#stopped.signal.aborted) this.report.failed(fault);
  }

  #tell(): void {
    if (this.#stopped.signal.aborted) return;
    const { imports, changed } = this.#options;
    if (this.report.allListed) imports()?.confirmed();
    imports()?.setServing(this.report.serving);
    changed();
  }

  async #pause(): Promise<void> {
    await sleep(this.#interval, undefined, { signal: this.#stopped.signal }).catch(() => {});
  }
}

function decoded(secret: string): string {
  return Buffer.from(secret, 'base64').toString('utf8');
}

/**
 * Whether a kubeconfig's context names a namespace of exports. Any other one is where its owner happened to work; then
 * the private exports are looked for where the name of this cluster says, and nobody is told if they may not be read.
 */
function isNamed(namespace: string | undefined): namespace is string {
  return namespace?.startsWith(EXPORTS_NAMESPACE) === true;
}
