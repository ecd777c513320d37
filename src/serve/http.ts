import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import { ConnectionRoom } from './connection-room.ts';
import { type BoundAddress, clientAddress, type ListenAddress, listenError } from './transport.ts';
import { UntakenPages } from './untaken-pages.ts';

/** What one path answers. */
export interface Page {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Seconds for which it may be used again; absent: it may not. */
  readonly maxAge?: number;
}

/** What a page may depend on. Nothing in it is checked. */
export interface PageRequest {
  readonly query: URLSearchParams;
  /** The peer's address, as clients are known by. */
  readonly client: string;
  /** Of POST alone. */
  readonly body: Uint8Array;
}

export type MakePage = (request: PageRequest) => Page | Promise<Page>;

/** A page that takes a body. */
export interface Post {
  /** The one media type that it takes. */
  readonly type: string;
  /** Octets. */
  readonly most: number;
  readonly make: MakePage;
}

export interface HttpOptions {
  readonly listen: ListenAddress;
  /** By path: what GET and HEAD get. */
  readonly pages: Readonly<Record<string, MakePage>>;
  /** By path, of which each is one of `pages` too: what POST gets. */
  readonly posts?: Readonly<Record<string, Post>>;
}

// An import would make all that node:http can do, a WebSocket client among it: 40 ms of a start.
const { createServer } = process.getBuiltinModule('node:http');

/**
 * Scrapers and probes are few. One address has a part of the room only, but the kubelet's probes may have theirs in
 * common with whoever holds connections: were the newcomer refused, they could have the pod restarted.
 */
export const HTTP_ROOM = { connections: 256, connectionsPerClient: 64 } as const;

/**
 * The operator's HTTP side: fixed paths, GET and HEAD, and POST for few. It is a door too, so everything about it is
 * bounded, and nothing that a client sent comes back in a reply.
 */
export class HttpServer {
  readonly name = 'http';
  readonly #options: HttpOptions;
  readonly #room = new ConnectionRoom<Socket>(HTTP_ROOM, socket => this.#evict(socket));
  readonly #untaken = new UntakenPages(socket => this.#evict(socket));
  #evicted = 0;
  #server: Server | undefined;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** Connections closed since the start to make room for others. */
  get evicted(): number {
    return this.#evicted;
  }

  async start(): Promise<BoundAddress[]> {
    const { listen } = this.#options;
    const server = createServer(
      {
        maxHeaderSize: 8 * 1024,
        headersTimeout: 5_000,
        requestTimeout: 5_000,
        keepAliveTimeout: 5_000,
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => void this.#answer(request, response),
    );
    server.on('connection', socket => this.#accept(socket));
    server.listen({ host: listen.address, port: listen.port, ipv6Only: isIPv6(listen.address) });
    await once(server, 'listening').catch((error: unknown) => {
      throw listenError('http', listen, error);
    });
    this.#server = server;
    const bound = server.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : listen.port;
    return [{ protocol: 'http', address: listen.address, port }];
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>(resolve => server.close(() => resolve()));
    const deadline = setTimeout(() => server.closeAllConnections(), 1_000);
    await closed;
    clearTimeout(deadline);
  }

  #accept(socket: Socket): void {
    const client = clientAddress(socket.remoteAddress ?? '');
    this.#room.enter(socket, client);
    this.#untaken.enter(socket, client);
    socket.once('close', () => {
      this.#room.leave(socket);
      this.#untaken.leave(socket);
    });
  }

  #evict(socket: Socket): void {
    this.#evicted += 1;
    socket.destroy();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#room.active(request.socket);
    const [path = '', query = ''] = splitAt(request.url ?? '', '?');
    const asked = await this.#untaken.ask(
      request.socket,
      Object.hasOwn(this.#options.pages, path) ? path : 'none',
    );
    if (asked === undefined) return;
    const page = await this.#page(request, path, query).catch(() =>
      plain(500, 'this page could not be made\n'),
    );
    // What is left of a body is never read, so the connection cannot be used for another request after it.
    if (!request.complete) response.setHeader('connection', 'close');
    if (page.status === 405) response.setHeader('allow', this.#methods(path));
    const length = Buffer.byteLength(page.body);
    response.writeHead(page.status ?? 200, {
      'content-type': page.type,
      'content-length': length,
      'cache-control': page.maxAge === undefined ? 'no-store' : `max-age=${page.maxAge}`,
      'x-content-type-options': 'nosniff',
    });
    const isHead = request.method === 'HEAD';
    response.end(isHead ? undefined : page.body);
    this.#untaken.given(asked, response, length, isHead ? 0 : length);
  }

  async #page(request: IncomingMessage, path: string, query: string): Promise<Page> {
    const { pages } = this.#options;
    const post = this.#postOf(path);
    const isPost = request.method === 'POST' && post !== undefined;
    if (!isPost && request.method !== 'GET' && request.method !== 'HEAD') {
      return plain(405, `only ${this.#methods(path)}\n`);
    }
    const make = isPost ? post.make : Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (make === undefined) return plain(404, `try ${Object.keys(pages).join(' ')}\n`);
    const body = isPost ? await bodyOf(request, post) : NO_BODY;
    if (!(body instanceof Uint8Array)) return body;
    const client = clientAddress(request.socket.remoteAddress ?? '');
    return await make({ query: new URLSearchParams(query), client, body });
  }

  #postOf(path: string): Post | undefined {
    const { posts = {} } = this.#options;
    return Object.hasOwn(posts, path) ? posts[path] : undefined;
  }

  #methods(path: string): string {
    return this.#postOf(path) === undefined ? 'GET, HEAD' : 'GET, HEAD, POST';
  }
}

const NO_BODY = new Uint8Array();

/** The octets posted, or why they are not taken. */
async function bodyOf(request: IncomingMessage, { type, most }: Post): Promise<Uint8Array | Page> {
  const [given = ''] = splitAt(request.headers['content-type'] ?? '', ';');
  if (given.trim().toLowerCase() !== type) return plain(415, `only ${type}\n`);
  const tooLarge = plain(413, `at most ${most} octets\n`);
  if (Number(request.headers['content-length'] ?? 0) > most) return tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  // Without destroyOnReturn the connection would be gone before it carried the refusal.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most) return tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What stands before and after a character; the second part is undefined where there is none. */
function splitAt(text: string, character: string): [string, string?] {
  const at = text.indexOf(character);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** A page of plain text. */
export function plain(status: number, body: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body };
}

/** A page of JSON, indented: people read it with curl. */
export function json(value: unknown): Page {
  return { type: 'application/json', body: `${JSON.stringify(value, undefined, 2)}\n` };
}
