import { waitFor } from '../../kit/wait.ts';
import type { Manifest } from '../api.ts';
import type { Cluster } from '../cluster.ts';
import type { Named } from '../look.ts';

/*
 * Pods that run, for the clusters of the bed; on request, because most suites need none:
 *
 *   await cluster.node.start()                  node-1 to node-3 run pods, the real kube-proxy their Services
 *   await cluster.node.stop()                   pods are gone, and those of Deployments wait for a node
 *   await cluster.node.exec(pod, ['dig', …])    in the pod's network and file system; what it prints
 *   await cluster.node.crash(pod)               ends its processes; they are started again
 *   await kubectl(cluster, ['logs', …])         works, other than `kubectl exec`
 *   cluster.kubeconfigText({ fromPods: true })  the API server as pods of all clusters of the bed reach it
 *   await member.connect(other, {}, true)       the same, in the Secret of a RemoteCluster
 *   await installCoreDns(cluster)               kube-system as kubeadm leaves it (coredns.ts)
 *   await forwardClusterSet(cluster)            our stanza in its Corefile
 *   await deployEcho(cluster, options)          a Deployment and a Service that say who answers
 *   await untilAvailable(cluster, deployment)
 *
 * Images that run: `causeway`, `coredns` and `echo`, whatever the registry and the tag. Others are left to the tests.
 * Causeway itself comes with `kubectl apply -k deploy/base`. What NetworkPolicies, resource limits and the placing of
 * pods ask for is not done.
 */

/** A TCP port 80 that answers `CLUSTER POD` to each HTTP request. */
export interface EchoOptions extends Named {
  /** 1 when left out. */
  readonly replicas?: number;
}

/** Resolves once all replicas of a Deployment, as it is now, are ready. */
export async function untilAvailable(cluster: Cluster, named: Named, limit = 60_000): Promise<void> {
  const { namespace, name } = named;
  const reference = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace, name } };
  const look = (): Promise<Manifest | undefined> => cluster.admin.get(reference);
  await waitFor(`${cluster.name}: all of ${name} are available`, look, isAvailable, limit);
}

function isAvailable(deployment: Manifest | undefined): boolean {
  if (deployment === undefined) return false;
  const { observedGeneration, replicas, updatedReplicas, availableReplicas } = deployment['status'];
  if (observedGeneration !== deployment.metadata['generation']) return false;
  return [replicas, updatedReplicas, availableReplicas].every(one => one === deployment['spec'].replicas);
}

/** Names of the pods with these labels that are ready and not ending. */
export async function podsOf(cluster: Cluster, namespace: string, labels: string): Promise<string[]> {
  const pods = await cluster.admin.list('v1', 'Pod', namespace, labels);
  return pods.filter(isReady).map(({ metadata }) => metadata.name);
}

function isReady({ metadata, status }: Manifest): boolean {
  const conditions: { type: string; status: string }[] = status.conditions ?? [];
  const ready = conditions.some(one => one.type === 'Ready' && one.status === 'True');
  return ready && metadata['deletionTimestamp'] === undefined;
}

/** A Deployment and a Service of the image `echo`; resolves when they are available. */
export async function deployEcho(cluster: Cluster, options: EchoOptions): Promise<void> {
  const { namespace, name, replicas = 1 } = options;
  const labels = { app: name };
  const container = {
    name: 'echo',
    image: 'echo',
    env: [{ name: 'CLUSTER', value: cluster.name }],
    readinessProbe: { httpGet: { port: 80 } },
  };
  await cluster.ensureNamespace(namespace);
  await cluster.admin.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name },
    spec: { selector: labels, ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
  });
  await cluster.admin.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { automountServiceAccountToken: false, containers: [container] },
      },
    },
  });
  await untilAvailable(cluster, { namespace, name });
}
