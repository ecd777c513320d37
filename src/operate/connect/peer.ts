import { ApiError } from '../../kube/api-error.ts';
import { readableKubeconfig } from '../../kube/remote-kubeconfig.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { readClusterId } from '../../objects/cluster-property.ts';
import { CLUSTER_ID_PROPERTY } from '../../objects/names.ts';
import { Problems } from '../../objects/problem.ts';
import type { RemoteClusterObject } from '../../objects/shapes.ts';
import type { OperatedCluster } from '../cluster.ts';
import { remoteClusters } from '../list-clusters.ts';

/** The id of a cluster, asked for. */
export async function idOf({ client }: OperatedCluster, signal: AbortSignal): Promise<string | undefined> {
  const raw = await client.get(RESOURCES.clusterProperties, { name: CLUSTER_ID_PROPERTY }, signal);
  return readClusterId(raw, Problems.ignored())?.value;
}

/** The RemoteClusters of a cluster; none where their kind is not defined. */
export async function remotesIn(
  cluster: OperatedCluster,
  signal: AbortSignal,
): Promise<RemoteClusterObject[]> {
  try {
    return await remoteClusters(cluster, signal);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 404) return [];
    throw thrown;
  }
}

/** The RemoteClusters of a cluster, and the addresses that their kubeconfigs lead to. */
export async function knownRemotes(
  cluster: OperatedCluster,
  namespace: string,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly server: string | undefined }[]> {
  const remotes = await remotesIn(cluster, signal);
  return Promise.all(
    remotes.map(async ({ name, secretName, secretKey }) => {
      const secret = await cluster.client.get(RESOURCES.secrets, { namespace, name: secretName }, signal);
      const encoded: unknown = Object(secret?.['data'])[secretKey];
      const text = typeof encoded === 'string' ? Buffer.from(encoded, 'base64').toString('utf8') : '';
      return { name, server: readableKubeconfig(text)?.server };
    }),
  );
}
