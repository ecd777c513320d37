import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  clusterName,
  clusterProperty,
  exportedService,
  exportsByCluster,
  type Fleet,
  type FleetExport,
  publishedSlice,
} from './fleet.ts';

/** What the benchmark tells this process: first what to be, then what to change. */
export type Order =
  | { readonly type: 'serve'; readonly fleet: Fleet; readonly cert: string; readonly key: string }
  | { readonly type: 'change'; readonly of: FleetExport; readonly change: number };

/** Answers to either. */
export type Report =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'changed'; readonly change: number };

const BOOKMARK_EVERY = 60_000;

/**
 * The API servers of all remote clusters in one process, as far as a consumer with a read-only credential sees them:
 * who they are, and list and watch of what they publish. Cluster N is below the path `/N`.
 */
class SimulatedServers {
  readonly #fleet: Fleet;
  readonly #exports: ReadonlyMap<number, readonly FleetExport[]>;
  readonly #changes = new Map<string, number>();
  readonly #watches = new Map<string, Set<ServerResponse>>();
  /** One count for all clusters: whoever asks any of them sees it grow. */
  #revision = 1;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    this.#exports = exportsByCluster(fleet);
    setInterval(() => this.#bookmark(), BOOKMARK_EVERY);
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'https://localhost');
    const [cluster = 0, plural = '', name] = partsOf(url.pathname);
    const isPublished = plural === 'exportedservices' || plural === 'endpointslices';
    if (url.searchParams.get('watch') === 'true') {
      this.#watch(`${cluster} ${plural}`, response);
      return;
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isPublished ? this.#list(cluster, plural, url) : identity(cluster, name)));
  }

  change(of: FleetExport, change: number): void {
    this.#changes.set(idOf(of), change);
    this.#revision = 1 + change;
    const line = `${JSON.stringify({ type: 'MODIFIED', object: this.#slice(of) })}\n`;
    for (const watch of this.#watches.get(`${of.cluster} endpointslices`) ?? []) watch.write(line);
  }

  #list(cluster: number, plural: string, { searchParams }: URL): object {
    const limit = Number(searchParams.get('limit') ?? Number.POSITIVE_INFINITY);
    const exports = (this.#exports.get(cluster) ?? []).slice(0, limit);
    const items = exports.map(one => (plural === 'endpointslices' ? this.#slice(one) : exportedService(one)));
    return { kind: 'List', metadata: { resourceVersion: `${this.#revision}` }, items };
  }

  #slice(of: FleetExport): object {
    return publishedSlice(this.#fleet, of, this.#changes.get(idOf(of)) ?? 0);
  }

  #watch(of: string, response: ServerResponse): void {
    const open = this.#watches.get(of) ?? new Set();
    this.#watches.set(of, open.add(response));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    response.on('close', () => open.delete(response));
  }

  #bookmark(): void {
    const object = { metadata: { resourceVersion: `${this.#revision}` } };
    const line = `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
    for (const open of this.#watches.values()) for (const watch of open) watch.write(line);
  }
}

/** `/17/apis/GROUP/VERSION/[namespaces/NAMESPACE/]PLURAL[/NAME]` */
function partsOf(path: string): [number, string, string | undefined] {
  const [cluster = '', , , , ...rest] = path.slice(1).split('/');
  const [plural = '', name] = rest[0] === 'namespaces' ? rest.slice(2) : rest;
  return [Number(cluster), plural, name];
}

/** All that a consumer asks for beside what is published. */
function identity(cluster: number, name: string | undefined): object {
  return name === undefined
    ? { kind: 'List', metadata: { resourceVersion: '1' }, items: [] }
    : clusterProperty(cluster);
}

function idOf({ cluster, service }: FleetExport): string {
  return `${clusterName(cluster)} ${service}`;
}

function report(one: Report): void {
  process.send?.(one);
}

let servers: SimulatedServers | undefined;

async function obey(order: Order): Promise<void> {
  if (order.type === 'change') {
    servers?.change(order.of, order.change);
    report({ type: 'changed', change: order.change });
    return;
  }
  const started = new SimulatedServers(order.fleet);
  servers = started;
  const { cert, key } = order;
  const https = createServer({ cert, key, keepAlive: true }, (request, response) =>
    started.answer(request, response),
  );
  // A consumer keeps connections for its next probe.
  https.keepAliveTimeout = 60_000;
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  report({ type: 'listening', port: (https.address() as AddressInfo).port });
}

process.on('message', order => void obey(order as Order));
process.on('disconnect', () => process.exit(0));
