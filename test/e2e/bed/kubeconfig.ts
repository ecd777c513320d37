import { stringify } from 'yaml';
import { type Description, nodeAddress } from './description.ts';
import type { Link } from './link.ts';
import type { Pki } from './pki.ts';

export interface KubeconfigOptions {
  /** Of a service account (accounts.ts); the administrator's certificate where there is none. */
  readonly token?: string;
  /** Where such a token lies and turns over, as it does in a pod. */
  readonly tokenFile?: string;
  /** The way that is gone; straight where there is none. */
  readonly link?: Link;
  /** For pods, of any cluster of the bed: it leads through the cluster's node, not through the machine's loopback. */
  readonly fromPods?: boolean;
  /** Of the context. */
  readonly namespace?: string;
}

/** A kubeconfig that holds all it needs, in YAML. */
export function kubeconfig(description: Description, pki: Pki, options: KubeconfigOptions): string {
  const { link, namespace, fromPods = false } = options;
  const { name: cluster, ports } = description;
  const host = fromPods ? nodeAddress(description) : '127.0.0.1';
  const server = `https://${host}:${link?.port ?? ports.api}`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': pki.root() } }],
    users: [{ name: cluster, user: userOf(pki, options) }],
    contexts: [{ name: cluster, context: { cluster, user: cluster, ...(namespace && { namespace }) } }],
    'current-context': cluster,
  });
}

function userOf(pki: Pki, { token, tokenFile }: KubeconfigOptions): object {
  if (token !== undefined) return { token };
  if (tokenFile === undefined) return certificateOf(pki);
  return { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
}

function certificateOf(pki: Pki): object {
  const { certificate, key } = pki.admin();
  return { 'client-certificate-data': certificate, 'client-key-data': key };
}
