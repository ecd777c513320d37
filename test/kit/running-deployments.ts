import type { ApiServer } from './api-server.ts';

/** From now on every Deployment is at once what it shall be, as if a cluster ran its pods. */
export function runningDeployments(server: ApiServer): void {
  server.store.follow(({ collection, record, type }) => {
    if (collection !== 'apps/deployments' || type === 'DELETED') return;
    const deployment = JSON.parse(record.json);
    const replicas = deployment.spec.replicas;
    const observedGeneration = deployment.metadata.generation;
    if (deployment.status?.observedGeneration === observedGeneration) return;
    const status = { observedGeneration, replicas, updatedReplicas: replicas, availableReplicas: replicas };
    server.put({ ...deployment, status });
  });
}
