import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { parseAllDocuments } from 'yaml';
import type { Connection } from '../../src/kube/connection.ts';
import { RESOURCES } from '../../src/kube/resource.ts';
import { Accounts } from './api-accounts.ts';
import { type ApiVerb, type Fault, Faults, type WatchFault } from './api-faults.ts';
import { type AskedOf, askedOf } from './api-request.ts';
import { Reviews } from './api-reviews.ts';
import { matcherOf } from './api-selectors.ts';
import { type ApiObject, ApiStore, type StoredRecord } from './api-store.ts';
import { Watches } from './api-watches.ts';
import { type Admission, notFound, Refusal, Writes } from './api-writes.ts';

export interface ApiServerOptions {
  readonly tls?: https.ServerOptions;
  /** Milliseconds. */
  readonly bookmarkEvery?: number;
  readonly admit?: Admission;
  /** Milliseconds since the epoch: by which tokens of service accounts end. */
  readonly wall?: () => number;
}

/** What is answered at a path that is no object's, such as a pod's page behind the proxy. `silent`: nothing ever. */
export type Page = { readonly status: number; readonly text: string | Uint8Array } | 'silent';

/** A list at one moment, of which more pages may be asked for. */
interface Snapshot {
  readonly records: readonly StoredRecord[];
  readonly revision: number;
}

/** A Kubernetes API server in memory: list, watch and write, and every way in which it can fail. */
export class ApiServer {
  readonly store = new ApiStore();
  readonly faults = new Faults();
  readonly accounts: Accounts;
  readonly reviews = new Reviews();
  readonly watches: Watches;
  /** How many requests of each kind have come. */
  readonly counts: Record<ApiVerb, number> = {
    ...{
      get: 0,
      list: 0,
      peek: 0,
      continue: 0,
      watch: 0,
      create: 0,
      apply: 0,
      merge: 0,
      replace: 0,
      delete: 0,
    },
  };
  /** Bearer token that is asked for, unless it is one of a service account; undefined: none. */
  token: string | undefined;
  /** True: nothing is answered any more, as by a process that was stopped. */
  frozen = false;
  /** By path: `/version`, `/api/v1/namespaces/shop/pods/web:80/proxy/healthz`. Pods without one cannot be reached. */
  readonly pages = new Map<string, Page>([['/version', { status: 200, text: '{"gitVersion": "v1.34.2"}' }]]);
  /**
   * What the proxy leads to: `/api/v1/namespaces/shop/pods/web:80/proxy` to `http://127.0.0.1:8080`. Goes before
   * `pages`.
   */
  readonly proxied = new Map<string, string>();
  readonly #writes: Writes;
  readonly #server: http.Server;
  readonly #scheme: 'http' | 'https';
  readonly #snapshots = new Map<string, Snapshot>();
  #port = 0;

  constructor({ tls, bookmarkEvery = 60_000, admit = () => {}, wall = Date.now }: ApiServerOptions = {}) {
    this.accounts = new Accounts(this.store, wall);
    this.watches = new Watches(this.store, bookmarkEvery);
    this.#writes = new Writes(this.store, admit);
    this.#scheme = tls === undefined ? 'http' : 'https';
    const handle = (request: http.IncomingMessage, response: http.ServerResponse) => {
      this.#handle(request, response).catch(thrown => response.destroy(thrown));
    };
    this.#server = tls === undefined ? http.createServer(handle) : https.createServer(tls, handle);
    this.#server.keepAliveTimeout = 60_000;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`;
  }

  /** Listens; after `stop`, on the same port again. */
  async start(): Promise<this> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Resets all connections; the objects stay. */
  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** For good. */
  async end(): Promise<void> {
    this.watches.close();
    if (this.#server.listening) await this.stop();
  }

  /** Tells of every connection that stands, TLS included. */
  onConnection(listener: (socket: TLSSocket) => void): void {
    this.#server.on('secureConnection', listener);
  }

  /** A connection that trusts the server as it is; without TLS it is one that no kubeconfig can give. */
  connection(token: () => string | undefined = () => this.token): Connection {
    return {
      server: this.url,
      namespace: undefined,
      authenticate: async () => {
        const bearer = token();
        return { headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }, tls: {} };
      },
    };
  }

  /** Writes objects as they stand in these YAML documents, status included. */
  load(yaml: string): ApiObject[] {
    return parseAllDocuments(yaml).map(document => this.put(document.toJS()));
  }

  /** Writes an object as it stands, as somebody else would. */
  put(manifest: object): ApiObject {
    const object = structuredClone(manifest) as ApiObject;
    const { namespace = '', name } = object.metadata;
    const uid = this.store.get(collectionOf(object), namespace, name)?.metadata.uid;
    if (uid !== undefined) object.metadata.uid = uid;
    return this.store.write(collectionOf(object), object);
  }

  remove(manifest: object): void {
    const { metadata } = manifest as ApiObject;
    this.store.delete(collectionOf(manifest as ApiObject), metadata.namespace ?? '', metadata.name);
  }

  /** Nothing before now can be listed on or watched from any more. */
  compact(): void {
    this.store.compact();
    this.#snapshots.clear();
  }

  async #handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await textOf(request);
    const asked = askedOf(request);
    if (this.frozen) return;
    const page = this.#page(request.url ?? '');
    if (page === 'silent') return;
    try {
      if (!this.#letsIn(request.headers.authorization)) throw new Refusal(401, 'Unauthorized');
      if (await this.#proxy(request.url ?? '', response)) return;
      if (page !== undefined) {
        response.writeHead(page.status, { 'content-type': 'text/plain' }).end(page.text);
        return;
      }
      if (asked === undefined) throw new Refusal(404, 'NotFound');
      this.counts[asked.verb]++;
      const fault = this.faults.next(asked);
      if (await meets(fault, response)) return;
      if (asked.verb === 'watch') this.watches.accept(asked, response, watchFault(fault));
      else answer(response, asked.verb === 'create' ? 201 : 200, this.#answer(asked, body));
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      refuse(response, thrown);
    }
  }

  /** True: that was all. */
  async #proxy(url: string, response: http.ServerResponse): Promise<boolean> {
    const [prefix, origin] = [...this.proxied].find(([each]) => url.startsWith(`${each}/`)) ?? [];
    if (prefix === undefined) return false;
    const got = await fetch(`${origin}${url.slice(prefix.length)}`).catch(() => undefined);
    if (got === undefined) return false;
    response.writeHead(got.status, { 'content-type': got.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await got.arrayBuffer()));
    return true;
  }

  #page(path: string): Page | undefined {
    const page = this.pages.get(path);
    if (page !== undefined || !path.includes('/proxy/')) return page;
    const message = 'error trying to reach service: dial tcp: connect: connection refused';
    const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 503, message };
    return { status: 503, text: JSON.stringify({ ...body, reason: 'ServiceUnavailable' }) };
  }

  #letsIn(authorization = ''): boolean {
    if (this.token === undefined || authorization === `Bearer ${this.token}`) return true;
    return this.accounts.knows(authorization.replace(/^Bearer /, ''));
  }

  #answer(asked: AskedOf, body: string): string {
    if (['list', 'peek', 'continue'].includes(asked.verb)) return this.#list(asked);
    const { namespace = '', name = '', subresource } = asked;
    if (subresource === 'token')
      return JSON.stringify(this.accounts.answer(namespace, name, JSON.parse(body)));
    const review = asked.verb === 'create' ? this.reviews.answer(asked.collection, body) : undefined;
    if (review !== undefined) return JSON.stringify(review);
    if (asked.verb !== 'get')
      return JSON.stringify(this.#writes.do(asked, body === '' ? {} : JSON.parse(body)));
    const object = this.store.get(asked.collection, asked.namespace ?? '', asked.name ?? '');
    if (object === undefined) throw notFound(asked);
    return JSON.stringify(object);
  }

  /** Every page is of the moment in which the first was asked for. */
  #list({ collection, namespace, query }: AskedOf): string {
    const [id = '', offset = '0'] = query.get('continue')?.split(' ') ?? [];
    const fresh = (): Snapshot => ({
      records: this.store.list(collection).filter(matcherOf(namespace, query)),
      revision: this.store.revision,
    });
    const snapshot = id === '' ? fresh() : this.#snapshots.get(id);
    if (snapshot === undefined)
      throw new Refusal(410, 'Expired', 'the provided continue parameter is too old');
    const start = Number(offset);
    const end = start + Number(query.get('limit') ?? snapshot.records.length);
    const more = end < snapshot.records.length;
    const next = id || `${this.store.revision}-${this.counts.list}`;
    if (more) this.#snapshots.set(next, snapshot);
    else this.#snapshots.delete(next);
    const metadata = {
      resourceVersion: `${snapshot.revision}`,
      ...(more ? { continue: `${next} ${end}` } : {}),
    };
    const items = snapshot.records.slice(start, end).map(({ json }) => json);
    return `{"kind":"List","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":[${items.join(',')}]}`;
  }
}

const KINDS = new Map(Object.values(RESOURCES).map(resource => [resource.kind as string, resource]));

/** `group/plural` of a manifest of any kind that Causeway reads or writes. */
export function collectionOf({ kind }: ApiObject): string {
  const resource = KINDS.get(String(kind));
  if (resource === undefined) throw new Error(`no resource has the kind ${kind}`);
  return `${resource.group}/${resource.plural}`;
}

/** True: that was all. */
async function meets(fault: Fault | undefined, response: http.ServerResponse): Promise<boolean> {
  if (fault === 'silent') return true;
  if (fault === 'redirect') {
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    return true;
  }
  if (fault === 'reset') {
    response.socket?.resetAndDestroy();
    return true;
  }
  if (typeof fault !== 'object') return false;
  if ('status' in fault) throw new Refusal(fault.status, fault.reason ?? '', undefined, fault.retryAfter);
  await new Promise(resolve => setTimeout(resolve, fault.delay));
  return false;
}

function watchFault(fault: Fault | undefined): WatchFault | undefined {
  return typeof fault === 'string' && fault !== 'silent' && fault !== 'redirect' ? fault : undefined;
}

async function textOf(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function answer(response: http.ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

function refuse(response: http.ServerResponse, { status, reason, message, retryAfter }: Refusal): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, reason, message };
  answer(response, status, JSON.stringify(body));
}
