import type { Known } from '../../base/known.ts';
import type {
  Answer,
  ComponentFacts,
  ControllerReplica,
  DnsReplica,
  LeadershipFacts,
  LeaseFacts,
  StatusFacts,
} from '../../health/facts.ts';
import { leaseFacts } from '../../health/lease.ts';
import { readConflictsPage, readControllerPage } from '../../health/pages.ts';
import { deploymentFacts } from '../../health/rollout.ts';
import type { ApiClient } from '../../kube/client.ts';
import { RESOURCES } from '../../kube/resource.ts';
import type { Component } from '../../manifests/choices.ts';
import type { PodObject } from '../../objects/pod.ts';
import type { OperatedCluster } from '../cluster.ts';
import { tried } from '../known.ts';
import { PAGES_PORT, pageOfPod, stayingPods } from '../pods.ts';

/**
 * Looks whether a controller leads, which decides what all that it has written is worth; and, with that, which API
 * server it is.
 *
 * @param namespace that Causeway runs in
 */
export async function gatherLeadership(
  { client }: OperatedCluster,
  namespace: string,
  signal: AbortSignal,
): Promise<LeadershipFacts & Pick<StatusFacts, 'kubernetes'>> {
  const [about, controller, lease] = await Promise.all([
    client.about(signal),
    componentFacts(client, namespace, 'controller', pod => controllerReplica(client, pod, signal), signal),
    leaseIn(client, namespace, signal),
  ]);
  return { kubernetes: about.version, time: about.time, controller, lease };
}

/** One of Causeway's Deployments, and what `look` says of each of its pods. */
export async function componentFacts<Replica extends ControllerReplica | DnsReplica>(
  client: ApiClient,
  namespace: string,
  component: Component,
  look: (pod: PodObject) => Promise<Replica>,
  signal: AbortSignal,
): Promise<ComponentFacts<Replica>> {
  const place = { namespace, name: `causeway-${component}` };
  const [wanted, replicas] = await Promise.all([
    tried(async () => {
      const raw = await client.get(RESOURCES.deployments, place, signal);
      return raw && deploymentFacts(raw).wanted;
    }),
    tried(async () => {
      const pods = await stayingPods(client, component, namespace, signal);
      return Promise.all(pods.map(look));
    }),
  ]);
  return { wanted, replicas };
}

/** What a pod answers on each of these paths. */
export function pagesOf<Paths extends readonly string[]>(
  client: ApiClient,
  pod: PodObject,
  paths: readonly [...Paths],
  signal: AbortSignal,
): Promise<{ [Index in keyof Paths]: Answer }> {
  const asked = paths.map(path => pageOfPod(client, pod, { port: PAGES_PORT, path }, signal));
  return Promise.all(asked) as Promise<{ [Index in keyof Paths]: Answer }>;
}

/** What a page says, or why that is not known. */
export function pageFacts<Page>(read: (text: string) => Known<Page>, answer: Answer): Known<Page> {
  if (!answer.answered) return { unknown: answer.reason };
  if (answer.status === 200) return read(answer.text);
  return { unknown: `it says ${answer.status}: ${answer.text}` };
}

/** What a controller's pod says of itself. */
export async function controllerReplica(
  client: ApiClient,
  pod: PodObject,
  signal: AbortSignal,
): Promise<ControllerReplica> {
  const paths = ['/readyz', '/debug/remotes', '/debug/conflicts'] as const;
  const [readiness, page, conflicts] = await pagesOf(client, pod, paths, signal);
  return {
    pod,
    readiness,
    page: pageFacts(readControllerPage, page),
    conflicts: pageFacts(readConflictsPage, conflicts),
  };
}

function leaseIn(
  client: ApiClient,
  namespace: string,
  signal: AbortSignal,
): Promise<Known<LeaseFacts | undefined>> {
  const place = { namespace, name: 'causeway-controller' };
  return tried(async () => {
    const raw = await client.get(RESOURCES.leases, place, signal);
    return raw && leaseFacts(raw);
  });
}
