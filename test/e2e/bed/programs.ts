import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Description, serviceRanges } from './description.ts';
import type { Pki } from './pki.ts';

/** Those that make Services, Deployments, Namespaces and ServiceAccounts what they are in every cluster. */
const controllers = [
  'endpointslice-controller',
  'endpointslice-mirroring-controller',
  'endpoints-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
  'deployment-controller',
  'replicaset-controller',
  'disruption-controller',
  'garbage-collector-controller',
];

export function etcdArguments({ name, ports }: Description, folder: string): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    ...['--name', name, '--data-dir', join(folder, 'etcd'), '--log-level', 'warn'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `${name}=${peer}`],
    // A test bed survives its programs, not the loss of power.
    '--unsafe-no-fsync',
  ];
}

/** Configuration that has no flag. */
interface ApiServerFiles {
  readonly authentication: string;
  readonly egress: string;
}

export function apiServerArguments(
  description: Description,
  pki: Pki,
  { authentication, egress }: ApiServerFiles,
): string[] {
  const { ports } = description;
  return [
    ...['--bind-address', '127.0.0.1', '--advertise-address', '127.0.0.1', '--secure-port', `${ports.api}`],
    ...['--etcd-servers', `http://127.0.0.1:${ports.etcd}`],
    ...['--client-ca-file', pki.path('ca.crt')],
    ...['--tls-cert-file', pki.path('kube-apiserver.crt')],
    ...['--tls-private-key-file', pki.path('kube-apiserver.key')],
    ...['--service-account-issuer', tokenIssuer],
    ...['--service-account-signing-key-file', pki.path('accounts.key')],
    ...['--service-account-key-file', pki.path('accounts.pub')],
    // Off: it would give a token of 5 minutes the life of a year when it looks like a pod's.
    '--service-account-extend-token-expiration=false',
    ...['--authorization-mode', 'RBAC', '--authentication-config', authentication],
    ...['--service-cluster-ip-range', serviceRanges(description).join(',')],
    // The endpoints of `default/kubernetes` would be loopback addresses, which the API server refuses.
    ...['--endpoint-reconciler-type', 'none'],
    // Pods are written by tests that don't wait until their namespace has its default ServiceAccount.
    ...['--disable-admission-plugins', 'ServiceAccount'],
    // It stands on the machine's loopback and pods in networks of their own: they are asked through the node.
    ...['--egress-selector-config-file', egress],
    '--profiling=false',
    // An API server that is asked to end leaves at once instead of waiting for watches to end on their own.
    ...['--shutdown-watch-termination-grace-period', '0s'],
  ];
}

export function controllerManagerArguments(pki: Pki, kubeconfig: string): string[] {
  return [
    // The administrator's: as itself it may do nothing but ask for a token per controller, which takes longer to start.
    ...['--kubeconfig', kubeconfig, '--controllers', controllers.join(',')],
    ...['--service-account-private-key-file', pki.path('accounts.key')],
    ...['--root-ca-file', pki.path('ca.crt')],
    // One per cluster, nobody asks it for anything, and none of its tests waits for its rate limit.
    ...['--leader-elect=false', '--secure-port', '0', '--profiling=false'],
    ...['--kube-api-qps', '1000', '--kube-api-burst', '2000', '--concurrent-service-endpoint-syncs', '10'],
  ];
}

/** `iss` of the tokens of service accounts. */
export const tokenIssuer = 'https://kubernetes.default.svc.cluster.local';

/** Nobody asks anonymously for anything but the health of the API server. */
export async function writeAuthentication(path: string): Promise<void> {
  const conditions = ['/livez', '/readyz', '/healthz'].map(check => ({ path: check }));
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    anonymous: { enabled: true, conditions },
  };
  await writeFile(path, stringify(configuration));
}

/**
 * Pods are proxied to through the Unix socket of whoever is in their network (node/egress.ts). Without a node nobody
 * listens there, and only proxying fails.
 */
export async function writeEgress(path: string, socket: string): Promise<void> {
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: socket } } };
  const configuration = {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [{ name: 'cluster', connection }],
  };
  await writeFile(path, stringify(configuration));
}
