import { accountToken, grant } from '../../test/e2e/bed/accounts.ts';
import type { Cluster } from '../../test/e2e/bed/cluster.ts';
import { ACCOUNT, podAccount } from '../../test/e2e/kernel/pod-account.ts';

/** What a pod of a cluster finds when it starts. */
export interface Pod {
  /** Of a command that runs what follows as one, with the service account where every pod has it. */
  readonly inside: readonly string[];
  /** Where its API server is. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Mounted where nobody else sees it. By `exec`, so that the process which is measured is the one that was started. */
const MOUNT =
  'mount -t tmpfs tmpfs /var/run && mkdir -p "$1" && mount --bind "$0" "$1" && shift && exec "$@"';

/** A pod that may do everything. */
export async function podOf(cluster: Cluster): Promise<Pod> {
  const account = { namespace: 'causeway-system', name: 'bench' };
  const token = await accountToken(cluster, account);
  await grant(cluster, account, [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]);
  const kubeconfig = await cluster.kubeconfig({ token });
  const folder = `${kubeconfig}.account`;
  return {
    // That one of who runs the benchmark would go first.
    environment: { ...(await podAccount(kubeconfig, folder)), KUBECONFIG: '' },
    inside: ['unshare', '--mount', '--', 'sh', '-c', MOUNT, folder, ACCOUNT],
  };
}
