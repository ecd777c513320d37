import { afterEach, type TestContext } from 'vitest';
import type { Manifest } from './api.ts';
import { type Cluster, heldClusters } from './cluster.ts';

/*
 * Setup of every file of tests with clusters. What a test waited for in vain is seldom its own fault: after one that
 * failed it is said how its clusters stood, before anything is ended and removed.
 */
afterEach(async ({ task }: TestContext) => {
  if (task.result?.state !== 'fail') return;
  for (const cluster of heldClusters()) console.log(await reportOn(cluster));
});

async function reportOn(cluster: Cluster): Promise<string> {
  const running = cluster.programs().filter(program => program.runs());
  const words = Array.from(cluster.lastWords(15), ([name, text]) => `last words of ${name}:\n${text}`);
  const pods = await cluster.admin.list('v1', 'Pod').then(
    list => list.map(podLine),
    (error: unknown) => [`no list of pods: ${error}`],
  );
  const heading = `cluster ${cluster.name} after the failure: ${running.map(({ name }) => name).join(', ')} run`;
  return [heading, ...pods, ...words].join('\n');
}

function podLine({ metadata, status }: Manifest): string {
  const ready = status?.conditions?.some(
    ({ type, status: holds }: { readonly type: string; readonly status: string }) =>
      type === 'Ready' && holds === 'True',
  );
  const ending = metadata['deletionTimestamp'] === undefined ? '' : ', ending';
  return `pod ${metadata.namespace}/${metadata.name}: ${status?.phase} ${status?.podIP} ${ready ? 'ready' : 'not ready'}${ending}`;
}
