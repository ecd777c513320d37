import type { IncomingMessage } from 'node:http';
import type { ApiVerb } from './api-faults.ts';

/** What an HTTP request asks of an API server. */
export interface AskedOf {
  readonly verb: ApiVerb;
  /** `group/plural`; the group of core is empty. */
  readonly collection: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly status: boolean;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
}

/** Undefined: no path or method of the API. */
export function askedOf({ method = 'GET', url = '/', headers }: IncomingMessage): AskedOf | undefined {
  const { pathname, searchParams: query } = new URL(url, 'http://localhost');
  const [root, ...rest] = pathname.slice(1).split('/').map(decodeURIComponent);
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : rest.shift();
  rest.shift();
  // `namespaces/shop` is a Namespace, `namespaces/shop/services` are the Services in it.
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status';
  const namespace = inNamespace ? rest[1] : undefined;
  const [plural, name, subresource] = inNamespace ? rest.slice(2) : rest;
  const isMerge = headers['content-type'] === 'application/merge-patch+json';
  const verb = isMerge ? 'merge' : verbOf(method, name, query);
  if (group === undefined || plural === undefined || verb === undefined) return undefined;
  const status = subresource === 'status';
  return { verb, collection: `${group}/${plural}`, namespace, name, status, subresource, query };
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): ApiVerb | undefined {
  switch (method) {
    case 'GET':
      if (name !== undefined) return 'get';
      if (query.get('watch') === 'true') return 'watch';
      if (query.has('continue')) return 'continue';
      return query.get('limit') === '1' ? 'peek' : 'list';
    case 'POST':
      return 'create';
    case 'PATCH':
      return 'apply';
    case 'PUT':
      return 'replace';
    case 'DELETE':
      return 'delete';
    default:
      return undefined;
  }
}
