import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { type BoundAddress, type ListenAddress, listenError } from './transport.ts';

/** What one path answers. */
export interface Page {
  readonly status?: number;
  readonly type: string;
  readonly body: string;
}

export interface HttpOptions {
  readonly listen: ListenAddress;
  readonly pages: Readonly<Record<string, () => Page | Promise<Page>>>;
}

// An import would make all that node:http can do, a WebSocket client among it: 40 ms of a start.
const { createServer } = process.getBuiltinModule('node:http');

/** Scrapers and probes are few; the 65th connection waits for nobody and is closed. */
const MOST_CONNECTIONS = 64;

/**
 * The operator's HTTP side: fixed paths, GET and HEAD only. It is a door too, so everything about it is bounded, and
 * nothing that a client sent comes back in a reply.
 */
export class HttpServer {
  readonly name = 'http';
  readonly #options: HttpOptions;
  #server: Server | undefined;

  constructor(options: HttpOptions) {
    this.#options = options;
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
    server.maxConnections = MOST_CONNECTIONS;
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

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = await this.#page(request).catch(() => plain(500, 'this page could not be made\n'));
    // A body is never read, so the connection cannot be used for another request after it.
    if (
      request.headers['content-length'] !== undefined ||
      request.headers['transfer-encoding'] !== undefined
    ) {
      response.setHeader('connection', 'close');
    }
    if (page.status === 405) response.setHeader('allow', 'GET, HEAD');
    response.writeHead(page.status ?? 200, {
      'content-type': page.type,
      'content-length': Buffer.byteLength(page.body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : page.body);
  }

  async #page(request: IncomingMessage): Promise<Page> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'only GET and HEAD\n');
    const [path = ''] = (request.url ?? '').split('?', 1);
    const { pages } = this.#options;
    const make = Object.hasOwn(pages, path) ? pages[path] : undefined;
    return make === undefined ? plain(404, `try ${Object.keys(pages).join(' ')}\n`) : await make();
  }
}

/** A page of plain text. */
export function plain(status: number, body: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body };
}

/** A page of JSON, indented: people read it with curl. */
export function json(value: unknown): Page {
  return { type: 'application/json', body: `${JSON.stringify(value, undefined, 2)}\n` };
}
