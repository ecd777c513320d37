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
  const programs = cluster.programs().map(program => {
    const state = program.runs() ? 'runs' : 'does not run';
    return `${program.name} ${state}; it said last:\n${program.log(15)}`;
  });
  const pods = await cluster.admin.list('v1', 'Pod').then(
    list => list.map(podLine),
    (error: unknown) => [`no list of pods: ${error}`],
  );
  return [`cluster ${cluster.name} after the failure`, ...pods, ...programs].join('\n');
}

function podLine({ metadata, status }: Manifest): string {
  const ready = status?.conditions?.some(
    ({ type, status: holds }: { readonly type: string; readonly status: string }) =>
      type === 'Ready' && holds === 'True',
  );
  const ending = metadata['deletionTimestamp'] === undefined ? '' : ', ending';
  return `pod ${metadata.namespace}/${metadata.name}: ${status?.phase} ${status?.podIP} ${ready ? 'ready' : 'not ready'}${ending}`;
}
