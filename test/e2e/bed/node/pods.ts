import { waitFor } from '../../kit/wait.ts';
import type { Manifest } from '../api.ts';
import type { Cluster } from '../cluster.ts';
import type { Named } from '../look.ts';

/*
 * Pods that run, for the clusters of the bed; on request, because most suites need none:
 *
 *   await cluster.node.start()                  node-1 to node-3 run pods, kube-proxy their Services
 *   await cluster.node.stop()                   pods are gone, Deployments have none that is ready
 *   await cluster.node.exec(pod, ['dig', …])    in the pod's network and file system; what it prints
 *   await cluster.node.crash(pod)               ends its processes; they are started again
 *   cluster.kubeconfigText({ fromPods: true })  the API server as pods of all clusters of the bed reach it
 *   await installCoreDns(cluster, { replicas }) kube-system as kubeadm leaves it; resolves when it is available
 *   await deployEcho(cluster, options)          a Deployment and a Service that say who answers
 *   await untilAvailable(cluster, deployment)
 *
 * Images that run: `causeway`, `coredns` and `echo`, whatever the registry and the tag. Others are left to the tests.
 * Causeway itself comes with `kubectl apply -k deploy/base`.
 */

export interface CoreDnsOptions {
  /** 2 when left out. */
  readonly replicas?: number;
}

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

/** Names of the pods that run for a Deployment of deploy/ or of these helpers, not those that are ending. */
export async function podsOf(cluster: Cluster, namespace: string, labels: string): Promise<string[]> {
  const pods = await cluster.admin.list('v1', 'Pod', namespace, labels);
  return pods
    .filter(({ metadata }) => metadata['deletionTimestamp'] === undefined)
    .map(({ metadata }) => metadata.name);
}
