import type { Named } from '../look.ts';

/*
 * Pods that run, for the clusters of the bed; on request, because most suites need none:
 *
 *   await cluster.node.start()                  node-1 to node-3 run pods, kube-proxy their Services
 *   await cluster.node.stop()                   pods are gone, Deployments have none that is ready
 *   await cluster.node.exec(pod, ['dig', …])    in the pod's network and file system; what it prints
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
