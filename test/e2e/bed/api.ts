import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';

/** Any object of Kubernetes, as a manifest has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it wrote; checking it is the API server's part.
  readonly [field: string]: any;
}

/** What names an object. A whole manifest will do. */
export type Reference = Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>;

/** A user whose credential nobody here has. */
export interface Identity {
  readonly user: string;
  readonly group: string;
}

/** Who asks, and where. */
export interface Access {
  readonly port: number;
  /** PEM. */
  readonly root: Buffer;
  readonly certificate?: Buffer;
  readonly key?: Buffer;
  readonly token?: string;
  /** As whom an administrator asks. */
  readonly as?: Identity;
}

export interface ApiReply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly body: any;
}

/** The API server said no. */
export class ApiRefusal extends Error {
  readonly status: number;

  constructor(what: string, { status, body }: ApiReply) {
    super(`${what}: ${status} ${body?.reason ?? ''}: ${body?.message ?? JSON.stringify(body)}`);
    this.status = status;
  }
}

const timeout = 10_000;

/** A few requests to an API server, independent of the client that is under test. */
export class Api {
  readonly #access: Access;
  readonly #agent: Agent;

  constructor(access: Access) {
    this.#access = access;
    const { root: ca, certificate: cert, key } = access;
    // maxSockets bounds what a test asks at once, as a client's own rate limit would.
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 16,
      ca,
      ...(cert && { cert }),
      ...(key && { key }),
    });
  }

  /** Undefined where there is none. */
  async get(object: Reference): Promise<Manifest | undefined> {
    const reply = await this.request('GET', pathOf(object));
    if (reply.status === 404) return undefined;
    return accepted(`get ${nameOf(object)}`, reply);
  }

  /** @param labels a label selector, such as `app=pay,tier!=web` */
  async list(apiVersion: string, kind: string, namespace?: string, labels = ''): Promise<Manifest[]> {
    const path = `${collectionOf(apiVersion, kind, namespace)}?labelSelector=${encodeURIComponent(labels)}`;
    return accepted(`list ${kind}`, await this.request('GET', path)).items;
  }

  async create(object: Manifest): Promise<Manifest> {
    const path = collectionOf(object.apiVersion, object.kind, object.metadata.namespace);
    return accepted(`create ${nameOf(object)}`, await this.request('POST', path, object));
  }

  /** Server-side apply as field manager `test`, taking over what others own; creates or updates. */
  async apply(object: Manifest, subresource?: 'status'): Promise<Manifest> {
    const path = `${pathOf(object, subresource)}?fieldManager=test&force=true`;
    const reply = await this.request('PATCH', path, object, 'application/apply-patch+yaml');
    return accepted(`apply ${nameOf(object)}`, reply);
  }

  /** JSON merge patch (RFC 7396). */
  async merge(object: Reference, patch: object, subresource?: 'status'): Promise<Manifest> {
    const path = pathOf(object, subresource);
    const reply = await this.request('PATCH', path, patch, 'application/merge-patch+json');
    return accepted(`patch ${nameOf(object)}`, reply);
  }

  /** Harmless where there is none. Resolves when it is marked; finalizers may keep it for longer. */
  async delete(object: Reference, options: { readonly gracePeriodSeconds?: number } = {}): Promise<void> {
    const reply = await this.request('DELETE', pathOf(object), options);
    if (reply.status !== 404) accepted(`delete ${nameOf(object)}`, reply);
  }

  /** Any request. Throws when no reply comes within 10 s or the milliseconds given. */
  async request(
    method: string,
    path: string,
    body?: object,
    contentType = 'application/json',
    limit = timeout,
  ): Promise<ApiReply> {
    const { port, token, as } = this.#access;
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers: Record<string, string | number> = { accept: 'application/json' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (as !== undefined)
      Object.assign(headers, { 'impersonate-user': as.user, 'impersonate-group': as.group });
    // Node sends the body of a DELETE without its length unless told.
    if (text !== '')
      Object.assign(headers, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
    const signal = AbortSignal.timeout(limit);
    const options = { host: '127.0.0.1', port, method, path, headers, agent: this.#agent, signal };
    try {
      const response = await this.#answered(options, text);
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      return { status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) };
    } catch (error) {
      const why = signal.aborted ? `no reply within ${limit} ms` : error;
      throw new Error(`${method} ${path} on port ${port}: ${why}`, { cause: error });
    }
  }

  /** An idle connection that was closed meanwhile, by a fault of an earlier test, is no failure of this request. */
  async #answered(options: RequestOptions, text: string): Promise<IncomingMessage> {
    for (;;) {
      const sent = request(options).end(text);
      try {
        const [response] = await once(sent, 'response');
        return response;
      } catch (error) {
        const lost = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
        if (!(sent.reusedSocket && lost)) throw error;
      }
    }
  }

  /** Closes idle connections, so that a test's process can end. */
  close(): void {
    this.#agent.destroy();
  }
}

function accepted(what: string, reply: ApiReply): ApiReply['body'] {
  if (reply.status >= 300) throw new ApiRefusal(what, reply);
  return reply.body;
}

/** Health checks answer with plain text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function nameOf({ kind, metadata }: Reference): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

/** The path of an object; of the cluster where it names no namespace. */
export function pathOf({ apiVersion, kind, metadata }: Reference, subresource?: string): string {
  const path = `${collectionOf(apiVersion, kind, metadata.namespace)}/${metadata.name}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

function collectionOf(apiVersion: string, kind: string, namespace?: string): string {
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${base}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${pluralOf(kind)}`;
}

/** Kubernetes' own rule for the kinds that tests use. */
function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (word === 'endpoints') return word;
  if (word.endsWith('s')) return `${word}es`;
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
}
