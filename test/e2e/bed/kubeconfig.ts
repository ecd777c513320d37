import { stringify } from 'yaml';
import type { Authority } from './authority.ts';
import type { Link } from './link.ts';

export interface KubeconfigOptions {
  /** Of a service account (accounts.ts); the administrator's certificate where there is none. */
  readonly token?: string;
  /** Where such a token lies and turns over, as it does in a pod. */
  readonly tokenFile?: string;
  /** The way that is gone; straight where there is none. */
  readonly link?: Link;
  /** Of the context. */
  readonly namespace?: string;
}

/** A kubeconfig that holds all it needs, in YAML. */
export function kubeconfig(
  cluster: string,
  port: number,
  authority: Authority,
  options: KubeconfigOptions,
): string {
  const { link, namespace } = options;
  const server = `https://127.0.0.1:${link?.port ?? port}`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': authority.root() } }],
    users: [{ name: cluster, user: userOf(authority, options) }],
    contexts: [{ name: cluster, context: { cluster, user: cluster, ...(namespace && { namespace }) } }],
    'current-context': cluster,
  });
}

function userOf(authority: Authority, { token, tokenFile }: KubeconfigOptions): object {
  if (token !== undefined) return { token };
  if (tokenFile === undefined) return certificateOf(authority);
  return { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
}

function certificateOf(authority: Authority): object {
  const { certificate, key } = authority.client('admin');
  return { 'client-certificate-data': certificate, 'client-key-data': key };
}
