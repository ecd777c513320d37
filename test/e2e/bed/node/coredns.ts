import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { placeholder, readStanza, stock } from '../../kit/stanza.ts';
import type { Manifest } from '../api.ts';
import type { Cluster } from '../cluster.ts';
import { serviceAddress } from '../description.ts';
import { untilAvailable } from './pods.ts';

const namespace = 'kube-system';
const labels = { 'k8s-app': 'kube-dns' };
/** A folder of its own: one in that of the Corefile would be a mount in a mount. */
const customFolder = '/etc/coredns-custom';

/** The Corefile that kubeadm writes, but for `reload`, which looks every 30 s there. */
export const stockCorefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload 2s
    loadbalance
}
`;

export interface CoreDnsOptions {
  /** 2 when left out. */
  readonly replicas?: number;
  /** As AKS and k3s have it: the Corefile imports ConfigMap `coredns-custom`, where there is one. */
  readonly custom?: boolean;
}

/**
 * Gives a cluster its DNS as kubeadm does: the real CoreDNS behind the Service `kube-dns` in `kube-system`. Resolves
 * when it is available. Applied again, its ConfigMap is the stock one again.
 */
export async function installCoreDns(
  cluster: Cluster,
  { replicas = 2, custom = false }: CoreDnsOptions = {},
): Promise<void> {
  await cluster.ensureNamespace(namespace);
  const objects = [...account(), configMap(custom), service(cluster), deployment(replicas, custom)];
  for (const object of objects) await cluster.admin.apply(object);
  await untilAvailable(cluster, { namespace, name: 'coredns' });
}

/** Pastes the stock stanza of corefile/ into the Corefile, as its head says. CoreDNS has it some 3 s later. */
export async function forwardClusterSet({ admin }: Cluster): Promise<void> {
  const metadata = { namespace: 'causeway-system', name: 'causeway-dns' };
  const service = await admin.get({ apiVersion: 'v1', kind: 'Service', metadata });
  const stanza = (await readStanza(stock)).replaceAll(placeholder, service?.['spec'].clusterIP);
  await admin.merge(configMap(), { data: { Corefile: `${stockCorefile}${stanza}` } });
}

function account(): Manifest[] {
  const rbac = 'rbac.authorization.k8s.io';
  const name = 'system:coredns';
  const read = ['list', 'watch'];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'coredns' } },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: read },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', namespace, name: 'coredns' }],
    },
  ];
}

function configMap(custom = false): Manifest {
  const metadata = { namespace, name: 'coredns' };
  const Corefile = custom ? `${stockCorefile}import ${customFolder}/*.server\n` : stockCorefile;
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile } };
}

function service({ description }: Cluster): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      namespace,
      name: 'kube-dns',
      labels: { ...labels, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
    },
    spec: {
      clusterIP: serviceAddress(description, 10),
      selector: labels,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
    },
  };
}

function deployment(replicas: number, custom: boolean): Manifest {
  const customVolume = { name: 'custom', configMap: { name: 'coredns-custom', optional: true } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name: 'coredns', labels },
    spec: {
      replicas,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: 'coredns',
          dnsPolicy: 'Default',
          priorityClassName: 'system-cluster-critical',
          containers: [container(custom)],
          volumes: [
            {
              name: 'config-volume',
              configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] },
            },
            ...(custom ? [customVolume] : []),
          ],
        },
      },
    },
  };
}

function container(custom: boolean): object {
  const customMount = { name: 'custom', mountPath: customFolder, readOnly: true };
  return {
    name: 'coredns',
    image: `registry.k8s.io/coredns/coredns:${builtVersion()}`,
    args: ['-conf', '/etc/coredns/Corefile'],
    resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
    volumeMounts: [
      { name: 'config-volume', mountPath: '/etc/coredns', readOnly: true },
      ...(custom ? [customMount] : []),
    ],
    ports: [
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
      { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
      { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
    ],
    livenessProbe: {
      httpGet: { path: '/health', port: 8080 },
      initialDelaySeconds: 60,
      timeoutSeconds: 5,
      failureThreshold: 5,
    },
    readinessProbe: { httpGet: { path: '/ready', port: 8181 } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
  };
}

/** Whoever asks the Deployment which CoreDNS it is shall be told the truth. */
function builtVersion(): string {
  const pins = readFileSync(join(import.meta.dirname, '../../tools/coredns/go.mod'), 'utf8');
  return pins.match(/github\.com\/coredns\/coredns (v\S+)/)?.[1] ?? 'latest';
}
