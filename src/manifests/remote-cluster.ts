import { stringify } from 'yaml';
import { MADE_FOR } from '../objects/names.ts';
import type { Encryption } from '../objects/shapes.ts';
import type { Manifest } from './manifest.ts';

/** How an API server is reached, and by whose word it is trusted. */
export interface Endpoint {
  readonly server: string;
  /** PEM; undefined: an authority that everybody trusts. */
  readonly authority: string | undefined;
  /** What its certificate bears instead of the host of its address. */
  readonly serverName: string | undefined;
}

/** What is in a kubeconfig by which one cluster reads another. */
export interface Access extends Endpoint {
  /** Of the cluster that is read. */
  readonly cluster: string;
  /** Who reads. */
  readonly account: string;
  /** Where is published what is for the reader alone. */
  readonly namespace: string;
  readonly token: string;
}

/** A kubeconfig that holds all it needs and nothing else. */
export function kubeconfigText(access: Access): string {
  const { cluster, account, namespace, server, authority, serverName, token } = access;
  const data = authority === undefined ? undefined : Buffer.from(authority).toString('base64');
  const fields = {
    server,
    ...(data === undefined ? {} : { 'certificate-authority-data': data }),
    ...(serverName === undefined ? {} : { 'tls-server-name': serverName }),
  };
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: cluster, cluster: fields }],
      users: [{ name: account, user: { token } }],
      contexts: [{ name: cluster, context: { cluster, user: account, namespace } }],
      'current-context': cluster,
    },
    { lineWidth: 0 },
  );
}

/** The Secret that a RemoteCluster refers to. */
export function kubeconfigSecretName(remote: string): string {
  return `causeway-remote-${remote}`;
}

/** The Secret of a RemoteCluster; its label lets the controller renew the token in it. */
export function kubeconfigSecret(remote: string, namespace: string, kubeconfig: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: kubeconfigSecretName(remote),
      namespace,
      labels: { 'app.kubernetes.io/part-of': 'causeway', [MADE_FOR]: remote },
    },
    data: { [KUBECONFIG_KEY]: Buffer.from(kubeconfig).toString('base64') },
  };
}

export const KUBECONFIG_KEY = 'kubeconfig';

/** What an operator says of another cluster. Absent: it stays as it is. */
export interface RemoteWishes {
  /** Of those of its exports that set none of their own. */
  readonly weight: number | undefined;
  readonly region: string | undefined;
  /** Of packets to its pods. */
  readonly encryption: Encryption | undefined;
}

/** Label of a RemoteCluster that `causeway.dev/export-to` may select by. */
export const REGION = 'region';

/**
 * The RemoteCluster that leads to another cluster.
 *
 * @param before the object as it is; what is not wished otherwise stays
 */
export function remoteClusterManifest(
  remote: string,
  { weight, region, encryption }: RemoteWishes,
  before: object | undefined,
): Manifest {
  const { metadata, spec } = Object(before) as { readonly metadata?: object; readonly spec?: object };
  // What was applied once and is left out the next time is taken away.
  const place = region ?? Object(Object(metadata).labels)[REGION];
  const share = weight ?? Object(spec).weight;
  const secrecy = encryption ?? Object(spec).encryption;
  const secretRef = { name: kubeconfigSecretName(remote), key: KUBECONFIG_KEY };
  return {
    apiVersion: 'causeway.dev/v1alpha1',
    kind: 'RemoteCluster',
    metadata: { name: remote, ...(place === undefined ? {} : { labels: { [REGION]: place } }) },
    spec: {
      secretRef,
      ...(share === undefined ? {} : { weight: share }),
      ...(secrecy === undefined ? {} : { encryption: secrecy }),
    },
  };
}
