import { FIELD_MANAGER } from '../objects/names.ts';
import { ApiError, readStatus } from './api-error.ts';
import type {
  ApiClient,
  ListPage,
  RawObject,
  Selection,
  ServerFacts,
  StoredObject,
  WatchEvent,
} from './client.ts';
import type { Connection } from './connection.ts';
import type { ExchangeTimes } from './http-exchange.ts';
import { LineReader } from './json-lines.ts';
import { EXCHANGE_TIMES, Requests } from './requests.ts';
import { apiVersionOf, type Place, pathOf, type Resource } from './resource.ts';
import { senseless, unreachable } from './transport-fault.ts';

const MiB = 1024 * 1024;
/** Octets. etcd itself refuses objects of more than 1.5 MiB. */
const MAX_OBJECT = 8 * MiB;
const MAX_PAGE = 64 * MiB;

type ListOptions = Parameters<ApiClient['list']>[1];
type WatchOptions = Parameters<ApiClient['watch']>[1];
type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** An API server over HTTP/1.1: JSON in and out, bounded in size and time. */
export class HttpsApiClient implements ApiClient {
  readonly server: string;
  readonly #requests: Requests;
  readonly #fieldManager: string;

  constructor(connection: Connection, times: Partial<ExchangeTimes> = {}, fieldManager = FIELD_MANAGER) {
    this.server = connection.server;
    this.#fieldManager = fieldManager;
    this.#requests = new Requests(connection, { ...EXCHANGE_TIMES, ...times });
  }

  async get(resource: Resource, place: Place, signal?: AbortSignal): Promise<RawObject | undefined> {
    const doing = this.#doing('get', resource, place);
    try {
      return await this.#object(doing, 'GET', this.#url(resource, place), undefined, signal);
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 404) return undefined;
      throw thrown;
    }
  }

  async list(resource: Resource, options: ListOptions, signal?: AbortSignal): Promise<ListPage> {
    const doing = this.#doing('list', resource, options);
    const { namespace, ...query } = options;
    const url = this.#url(resource, { namespace }, query);
    const text = await this.#requests.text(doing, { method: 'GET', url }, MAX_PAGE, signal);
    const { metadata, items } = Object(parse(doing, text));
    const { resourceVersion, continue: next } = Object(metadata);
    if (typeof resourceVersion !== 'string' || resourceVersion === '') {
      throw senseless(doing, 'the list has no resourceVersion');
    }
    if (items !== null && !Array.isArray(items)) throw senseless(doing, 'the list has no items');
    // The items of a list leave out what they all have in common; an object is to look the same whichever way it came.
    const common = { apiVersion: apiVersionOf(resource), kind: resource.kind };
    const page = (items ?? []).map((item: unknown) => storedOf(doing, { ...common, ...Object(item) }));
    const more = typeof next === 'string' && next !== '';
    return { items: page, resourceVersion, ...(more ? { continue: next } : {}) };
  }

  async watch(
    resource: Resource,
    options: WatchOptions,
    events: { event(event: WatchEvent): void; heard(): void },
    signal: AbortSignal,
  ): Promise<void> {
    const doing = this.#doing('watch', resource, options);
    const { namespace, ...query } = options;
    const url = this.#url(resource, { namespace }, { ...query, watch: true, allowWatchBookmarks: true });
    const answer = await this.#requests.stream(doing, { method: 'GET', url }, signal);
    const lines = new LineReader(MAX_OBJECT);
    const chunks = answer[Symbol.asyncIterator]();
    try {
      events.heard();
      for (let next = await chunk(doing, chunks, signal); next; next = await chunk(doing, chunks, signal)) {
        events.heard();
        for (const line of linesOf(doing, lines, next)) events.event(eventOf(doing, line));
        signal.throwIfAborted();
      }
    } finally {
      answer.destroy();
    }
    if (lines.inLine) throw unreachable(doing, new Error('the answer ended in the middle of a line'));
  }

  apply(
    resource: Resource,
    place: Place,
    manifest: object,
    signal?: AbortSignal,
    options?: { dryRun?: boolean },
  ): Promise<RawObject> {
    const dryRun = options?.dryRun === true ? 'All' : undefined;
    const url = this.#url(resource, place, { fieldManager: this.#fieldManager, force: true, dryRun });
    // JSON is YAML, and this media type is the one that every version of the API server takes.
    const body = { type: 'application/apply-patch+yaml', text: JSON.stringify(manifest) };
    return this.#object(this.#doing('apply', resource, place), 'PATCH', url, body, signal);
  }

  merge(resource: Resource, place: Place, patch: object, signal?: AbortSignal): Promise<RawObject> {
    const url = this.#url(resource, place, { fieldManager: this.#fieldManager });
    const body = { type: 'application/merge-patch+json', text: JSON.stringify(patch) };
    return this.#object(this.#doing('patch', resource, place), 'PATCH', url, body, signal);
  }

  create(
    resource: Resource,
    place: Place,
    manifest: object,
    options?: { dryRun?: boolean },
  ): Promise<RawObject> {
    const dryRun = options?.dryRun === true ? 'All' : undefined;
    const url = this.#url(
      resource,
      { namespace: place.namespace },
      { fieldManager: this.#fieldManager, dryRun },
    );
    return this.#object(this.#doing('create', resource, place), 'POST', url, json(manifest));
  }

  replace(resource: Resource, place: Place, manifest: object, signal?: AbortSignal): Promise<RawObject> {
    const url = this.#url(resource, place, { fieldManager: this.#fieldManager });
    return this.#object(this.#doing('replace', resource, place), 'PUT', url, json(manifest), signal);
  }

  async remove(
    resource: Resource,
    place: Place,
    { signal, ...preconditions }: NonNullable<Parameters<ApiClient['remove']>[2]> = {},
  ): Promise<void> {
    const { uid } = preconditions;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
    };
    const request = { method: 'DELETE', url: this.#url(resource, place), body: json(body) } as const;
    try {
      await this.#requests.text(this.#doing('delete', resource, place), request, MAX_OBJECT, signal);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      const another = thrown.status === 409 && /\buid\b/i.test(thrown.message);
      if (thrown.status !== 404 && !(uid !== undefined && another)) throw thrown;
    }
  }

  async about(signal?: AbortSignal): Promise<ServerFacts> {
    const doing = `get /version at ${this.server}`;
    const request = { method: 'GET', url: `${this.server}/version` } as const;
    const { octets, date } = await this.#requests.answer(doing, request, MAX_OBJECT, signal);
    const { gitVersion } = Object(parse(doing, octets.toString('utf8')));
    if (typeof gitVersion !== 'string') throw senseless(doing, 'the answer has no gitVersion');
    const time = Date.parse(date ?? '');
    return { version: gitVersion, time: Number.isNaN(time) ? undefined : time };
  }

  async page(path: string, signal?: AbortSignal): Promise<string> {
    return Buffer.from(await this.octets(path, MAX_PAGE, signal)).toString('utf8');
  }

  async octets(path: string, most: number, signal?: AbortSignal): Promise<Uint8Array> {
    const request = { method: 'GET', url: `${this.server}${path}` } as const;
    return (await this.#requests.answer(`get ${path} at ${this.server}`, request, most, signal)).octets;
  }

  async ask(
    path: string,
    question: object,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>> {
    const doing = `ask ${path} at ${this.server}`;
    const request = { method: 'POST', url: `${this.server}${path}`, body: json(question) } as const;
    return Object(parse(doing, await this.#requests.text(doing, request, MAX_OBJECT, signal)));
  }

  close(): void {
    this.#requests.close();
  }

  async #object(
    doing: string,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    url: string,
    body?: { readonly type: string; readonly text: string },
    signal?: AbortSignal,
  ): Promise<RawObject> {
    const request = { method, url, ...(body === undefined ? {} : { body }) };
    return objectOf(doing, parse(doing, await this.#requests.text(doing, request, MAX_OBJECT, signal)));
  }

  #url(resource: Resource, place: Place, query: Query = {}): string {
    const set = Object.entries(query).filter(([, value]) => value !== undefined);
    const parameters = new URLSearchParams(set.map(([name, value]): [string, string] => [name, `${value}`]));
    return `${this.server}${pathOf(resource, place)}${set.length > 0 ? `?${parameters}` : ''}`;
  }

  #doing(verb: string, { plural }: Resource, place: Place | Selection): string {
    const { namespace, name, subresource } = place as Place;
    const which = [namespace, name, subresource].filter(part => part !== undefined).join('/');
    return `${verb} ${plural}${which && ` ${which}`} at ${this.server}`;
  }
}

function json(value: object): { type: string; text: string } {
  return { type: 'application/json', text: JSON.stringify(value) };
}

function parse(doing: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw senseless(doing, 'the answer is not JSON');
  }
}

function objectOf(doing: string, raw: unknown): RawObject {
  const { name } = Object(Object(raw).metadata);
  if (typeof name !== 'string' || name === '') throw senseless(doing, 'an object has no metadata.name');
  return raw as RawObject;
}

/** Of a list or a watch: there the versions are what everything hangs on. */
function storedOf(doing: string, raw: unknown): StoredObject {
  const object = objectOf(doing, raw);
  const { resourceVersion } = object.metadata;
  if (typeof resourceVersion === 'string' && resourceVersion !== '') return object as StoredObject;
  throw senseless(doing, 'an object has no metadata.resourceVersion');
}

/** The next octets of a stream; undefined at its end. */
async function chunk(
  doing: string,
  chunks: AsyncIterator<Buffer>,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    const { done, value } = await chunks.next();
    return done === true ? undefined : value;
  } catch (thrown) {
    throw signal.aborted ? signal.reason : unreachable(doing, thrown);
  }
}

function* linesOf(doing: string, lines: LineReader, octets: Buffer): Generator<string, void, undefined> {
  try {
    yield* lines.push(octets);
  } catch (thrown) {
    throw thrown instanceof RangeError ? senseless(doing, thrown.message) : thrown;
  }
}

function eventOf(doing: string, line: string): WatchEvent {
  const { type, object } = Object(parse(doing, line));
  const resourceVersion = Object(Object(object).metadata).resourceVersion;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: storedOf(doing, object) };
    case 'BOOKMARK':
      if (typeof resourceVersion !== 'string') throw senseless(doing, 'a bookmark has no resourceVersion');
      return { type, resourceVersion };
    case 'ERROR': {
      const { status = 500, message = 'the server does not say why' } = readStatus(object) ?? {};
      return { type, status, message };
    }
    default:
      throw senseless(doing, 'an event is of no type that a watch has');
  }
}
