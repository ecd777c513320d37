import { CausewayError } from '../base/errors.ts';

/** What a request bears to be let in. */
export interface Authentication {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

export interface TlsOptions {
  /** PEM; undefined: the authorities that Node trusts. */
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** The name that the server's certificate has to bear, if not the host of its address. */
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Where an API server is, and how to be let in. */
export interface Connection {
  /** Without a slash at its end; may have a path. Never holds a credential. */
  readonly server: string;
  /** Of the current context, or of the service account. */
  readonly namespace: string | undefined;
  /** @param again true: the server refused what was given before; whatever was remembered is read anew */
  authenticate(again: boolean): Promise<Authentication>;
}

/**
 * The address of an API server, as a connection bears it.
 *
 * @param where what names the address: `kubeconfig of remote cluster: cluster "east"`
 * @throws CausewayError KUBECONFIG_INVALID
 */
export function serverAddress(text: unknown, where: string): string {
  const url = typeof text === 'string' && text.length <= 2048 ? URL.parse(text) : null;
  const want = 'set server to an address like https://api.east.example.com:6443';
  if (url === null) throw invalid(where, 'server is not a URL', want);
  if (url.protocol !== 'https:') throw invalid(where, `server begins with ${url.protocol}//`, want);
  if (url.username !== '' || url.password !== '') throw invalid(where, 'server holds a user name', want);
  if (url.search !== '' || url.hash !== '') throw invalid(where, 'server has a query or fragment', want);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

export function invalid(where: string, found: string, remedy: string): CausewayError {
  return new CausewayError('KUBECONFIG_INVALID', `${where}: ${found}; ${remedy}`);
}
