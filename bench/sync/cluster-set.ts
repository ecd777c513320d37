import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Bed } from '../../test/e2e/bed/bed.ts';
import type { Cluster } from '../../test/e2e/bed/cluster.ts';
import { clusterTools, ensureTools } from '../../test/e2e/kit/go-tools.ts';
import { temporaryFolder } from '../../test/e2e/kit/leftovers.ts';
import { goIntoOwnNetwork } from '../../test/e2e/kit/own-network.ts';
import type { Processes } from './process-usage.ts';

/** Runs `work` with real clusters that end with it, however it ends. */
export async function withBed(
  clusters: number,
  work: (bed: Bed, folder: string) => Promise<void>,
): Promise<void> {
  if (!existsSync('/proc/self/stat')) throw new Error('processor time is read from /proc: this needs Linux');
  await ensureTools(clusterTools);
  await goIntoOwnNetwork('the benchmark');
  const parent = await temporaryFolder('bench');
  const folder = join(parent.path, 'clusters');
  const undone = Bed.endWithProcess(folder);
  const bed = await Bed.create(folder, clusters);
  try {
    await work(bed, parent.path);
  } finally {
    await bed.remove();
    undone();
    await parent.remove();
  }
}

/** Has the controller of `cluster` import from another one. */
export async function connect(cluster: Cluster, name: string, kubeconfig: string): Promise<void> {
  await cluster.admin.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'causeway-system', name },
    data: { kubeconfig: Buffer.from(kubeconfig).toString('base64') },
  });
  await cluster.admin.apply({
    apiVersion: 'causeway.dev/v1alpha1',
    kind: 'RemoteCluster',
    metadata: { name },
    spec: { secretRef: { name } },
  });
}

/** The processes of a cluster of the bed, called `east kube-apiserver`. */
export function processesOf(cluster: Cluster): Processes {
  return new Map(
    cluster.programs().flatMap(program => {
      const pid = program.pid();
      return pid === undefined ? [] : [[`${cluster.name} ${program.name}`, pid] as const];
    }),
  );
}

/** How many objects lie below a path of the API, without reading them. */
export async function countOf(cluster: Cluster, path: string): Promise<number> {
  const { status, body } = await cluster.admin.request('GET', `${path}?limit=1`);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  return body.items.length + (body.metadata.remainingItemCount ?? 0);
}
