import { CausewayError } from '../../base/errors.ts';
import { parseAddress } from '../../base/ip.ts';
import { listPages } from '../../kube/list-pages.ts';
import { RESOURCES } from '../../kube/resource.ts';
import type { OperatedCluster } from '../cluster.ts';
import { COREDNS_PODS, listPods } from '../pods.ts';
import { daemonOf, readyReplicas, remotesIfAllowed } from './ask-replicas.ts';
import { directServer, textOf } from './ask-server.ts';
import type { LookupTargets } from './targets.ts';

const DNS_PORT = 53;

/**
 * The cluster's CoreDNS, as pods ask it: by the cluster IPs of its Service and by the address of each of its pods. They
 * are asked straight from here, which works in the cluster and on its nodes.
 *
 * @param namespace that Causeway runs in
 * @throws CausewayError DNS_UNREACHABLE where there is no CoreDNS
 */
export async function corednsTargets(
  cluster: OperatedCluster,
  namespace: string,
  tcp: boolean,
  signal: AbortSignal,
): Promise<LookupTargets> {
  const [services, pods, replicas] = await Promise.all([
    clusterIPs(cluster, signal),
    listPods(cluster.client, COREDNS_PODS, signal),
    readyReplicas(cluster, namespace, signal),
  ]);
  const ofPods = pods.flatMap(({ name, ip, ready }) =>
    ready && ip !== undefined ? [{ name, address: ip }] : [],
  );
  const servers = [...services, ...ofPods].map(({ name, address }) => {
    const server = { address, port: DNS_PORT };
    return directServer(`${name} ${textOf(server)}`, server, tcp);
  });
  if (servers.length === 0) {
    throw new CausewayError(
      'DNS_UNREACHABLE',
      `found no CoreDNS in ${cluster.context}: no Service and no ready pod with ${COREDNS_PODS.labelSelector} in ` +
        `namespace ${COREDNS_PODS.namespace}; name its address with --server`,
    );
  }
  const [address = ofPods[0]?.address ?? ''] = services.map(service => service.address);
  const image = replicas[0]?.image ?? 'causeway';
  return {
    asked: 'coredns',
    servers,
    daemons: replicas.slice(0, 1).map(pod => daemonOf(cluster.client, pod)),
    areOurs: true,
    remotes: waits => remotesIfAllowed(cluster, waits),
    remedy: ({ name, type }) =>
      'pods cannot be reached from here; ask in one: ' +
      `kubectl --context ${cluster.context} run causeway-resolve --rm -i --restart=Never --image=${image} -- ` +
      `resolve ${name}. --type ${type} --server ${address}`,
  };
}

async function clusterIPs(
  { client }: OperatedCluster,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly address: string }[]> {
  const found: { name: string; address: string }[] = [];
  await listPages(
    client,
    RESOURCES.services,
    COREDNS_PODS,
    raw => {
      const { metadata, spec } = Object(raw);
      const name = String(Object(metadata).name);
      for (const each of [Object(spec).clusterIPs].flat()) {
        const address = parseAddress(String(each));
        if (address !== undefined) found.push({ name, address });
      }
    },
    signal,
  );
  return found;
}
