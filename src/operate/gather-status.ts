import type { ComponentFacts, StatusFacts } from '../health/facts.ts';
import { RESOURCES } from '../kube/resource.ts';
import { COMPONENTS, type Component } from '../manifests/choices.ts';
import type { OperatedCluster } from './cluster.ts';
import { listPods, PAGES_PORT, pagesOfPods, podsOfComponent } from './pods.ts';

const READINESS = { port: PAGES_PORT, path: '/readyz' };

/**
 * Looks at a cluster: everything at once, because an operator waits for it.
 *
 * @param namespace that Causeway runs in
 */
export async function gatherStatus(
  cluster: OperatedCluster,
  namespace: string,
  signal: AbortSignal,
): Promise<StatusFacts> {
  const components = await Promise.all(
    COMPONENTS.map(component => componentFacts(cluster, component, namespace, signal)),
  );
  return { context: cluster.context, namespace, components };
}

async function componentFacts(
  { client }: OperatedCluster,
  component: Component,
  namespace: string,
  signal: AbortSignal,
): Promise<ComponentFacts> {
  const place = { namespace, name: `causeway-${component}` };
  const [deployment, pods] = await Promise.all([
    client.get(RESOURCES.deployments, place, signal),
    listPods(client, podsOfComponent(component, namespace), signal),
  ]);
  const staying = pods.filter(({ terminating }) => !terminating);
  const pages = await pagesOfPods(client, staying, READINESS, signal);
  return {
    component,
    wanted: deployment === undefined ? undefined : Number(Object(deployment['spec']).replicas ?? 1),
    replicas: staying.map((pod, index) => ({
      pod,
      readiness: pages[index] ?? { answered: false, reason: 'it was not asked' },
    })),
  };
}
