import type { Known } from '../../base/known.ts';
import type { ReplicaFacts } from '../../diagnose/facts.ts';
import { readMeshPage } from '../../health/pages.ts';
import type { ApiClient } from '../../kube/client.ts';
import type { PodObject } from '../../objects/pod.ts';
import { PAGES_PORT, pageOfPod, stayingPods } from '../pods.ts';
import { controllerReplica } from '../status/leadership.ts';

/** The pods of Causeway, each with what it says of itself. Those that are being deleted are left out. */
export async function replicasIn(
  client: ApiClient,
  namespace: string,
  signal: AbortSignal,
): Promise<ReplicaFacts[]> {
  const [controllers, daemons] = await Promise.all([
    stayingPods(client, 'controller', namespace, signal),
    stayingPods(client, 'dns', namespace, signal),
  ]);
  return Promise.all([
    ...controllers.map(async pod => {
      const replica = await controllerReplica(client, pod, signal);
      return { component: 'controller' as const, ...replica };
    }),
    ...daemons.map(async pod => {
      const page = await pageOf(client, pod, '/debug/mesh', readMeshPage, signal);
      return { component: 'dns' as const, pod, page };
    }),
  ]);
}

async function pageOf<Page>(
  client: ApiClient,
  pod: PodObject,
  path: string,
  read: (text: string) => Known<Page>,
  signal: AbortSignal,
): Promise<Known<Page>> {
  const page = await pageOfPod(client, pod, { port: PAGES_PORT, path }, signal);
  if (!page.answered) return { unknown: page.reason };
  return page.status === 200 ? read(page.text) : { unknown: `${path} answers ${page.status}` };
}
