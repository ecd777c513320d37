import { ApiError } from '../../kube/api-error.ts';
import { readableKubeconfig } from '../../kube/remote-kubeconfig.ts';
import { RESOURCES } from '../../kube/resource.ts';
import type { RemoteClusterObject } from '../../objects/shapes.ts';
import type { OperatedCluster } from '../cluster.ts';
import { remoteClusters } from '../list/clusters.ts';

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
