import { daemonSetFacts, deploymentFacts, type Rollout, rolloutOf } from '../../health/rollout.ts';
import type { ApiClient } from '../../kube/client.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { type Component, namespaceOf } from '../../manifests/choices.ts';
import type { PodObject } from '../../objects/pod.ts';
import { lastWords, listPods, podsOfComponent } from '../pods.ts';
import { untilFound } from '../until-found.ts';

/** How it stands with a component's Deployment or DaemonSet, and with its pods where it is not as it should be. */
export async function lookAtRollout(
  client: ApiClient,
  component: Component,
  namespace: string,
  signal: AbortSignal,
): Promise<Rollout> {
  const place = { namespace: namespaceOf(component, namespace), name: `causeway-${component}` };
  const facts =
    component === 'agent'
      ? daemonSetFacts(await client.get(RESOURCES.daemonSets, place, signal))
      : deploymentFacts(await client.get(RESOURCES.deployments, place, signal));
  const early = rolloutOf(facts, [], new Map());
  if (early.done) return early;
  const pods = await listPods(client, podsOfComponent(component, namespace), signal);
  return rolloutOf(facts, pods, await wordsOf(client, pods, signal));
}

/**
 * Looks again and again until all is as it should be, or the time is up.
 *
 * @param timeout milliseconds
 * @param detail is told how it stands
 */
export async function untilRolledOut(
  look: () => Promise<Rollout>,
  timeout: number,
  detail: (text: string) => void,
  signal: AbortSignal,
): Promise<Rollout> {
  let seen: Rollout = { done: false, says: '' };
  await untilFound(timeout, signal, async () => {
    seen = await look();
    detail(seen.says);
    return seen.done || undefined;
  });
  return seen;
}

/** Of those that end again and again, whose reason stands in no status. */
async function wordsOf(
  client: ApiClient,
  pods: readonly PodObject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const crashing = pods.filter(({ waiting }) => waiting?.startsWith('CrashLoopBackOff') === true);
  const words = await Promise.all(crashing.map(pod => lastWords(client, pod, signal)));
  return new Map(crashing.flatMap(({ name }, index) => (words[index] ? [[name, words[index]]] : [])));
}
