import { privateExportsNamespace } from '../../desired/publication.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { kubeconfigSecretName } from '../../manifests/remote-cluster.ts';
import { Problems } from '../../objects/problem.ts';
import { remoteClusterReader } from '../../objects/remote-cluster.ts';
import type { Finding } from '../../views/finding.ts';
import type { Direction, LinkOptions } from './link.ts';
import { LONG_LIVED_SECRET } from './token.ts';

/** What an earlier connection has left that this one does not use: it is told, not touched. */
export async function leftovers(
  { reader, source }: Direction,
  { namespace, lifetime }: Pick<LinkOptions, 'namespace' | 'lifetime'>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const own = privateExportsNamespace(reader.id);
  const [before, endless] = await Promise.all([
    reader.cluster.client.get(RESOURCES.remoteClusters, { name: source.id }, signal),
    source.cluster.client.get(RESOURCES.secrets, { namespace: own, name: LONG_LIVED_SECRET }, signal),
  ]);
  const used = before && remoteClusterReader.read(before, Problems.ignored())?.secretName;
  const about = `${reader.id} reads ${source.id}`;
  return [
    ...(used === undefined || used === kubeconfigSecretName(source.id)
      ? []
      : [
          {
            check: 'connect.secret',
            about,
            verdict: 'warning' as const,
            found: `the RemoteCluster has had its kubeconfig in Secret ${used} until now, which nothing uses any more`,
            remedy: `kubectl --context ${reader.cluster.context} -n ${namespace} delete secret ${used}`,
          },
        ]),
    ...(endless === undefined || lifetime === undefined
      ? []
      : [
          {
            check: 'connect.token',
            about,
            verdict: 'warning' as const,
            found: `Secret ${own}/${LONG_LIVED_SECRET} of ${source.id} still holds a token without an end`,
            remedy: `kubectl --context ${source.cluster.context} -n ${own} delete secret ${LONG_LIVED_SECRET}`,
          },
        ]),
  ];
}
