import { CausewayError } from '../../base/errors.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { ApiClient } from '../../kube/client.ts';
import type { Asked, Explained } from '../../lookup/facts.ts';
import { queryOf } from '../../lookup/message.ts';
import type { Question } from '../../lookup/question.ts';
import type { PodObject } from '../../objects/pod.ts';
import type { RemoteClusterObject } from '../../objects/shapes.ts';
import type { OperatedCluster } from '../cluster.ts';
import { remoteClusters } from '../list/clusters.ts';
import { listPods, octetsOfPod, PAGES_PORT, pageOfPod, podsOfComponent } from '../pods.ts';
import { answeredWith } from './dns-client.ts';
import { type Daemon, explainedBy, explanationPath, type LookupTargets } from './targets.ts';

/** The longest DNS message. */
const LONGEST = 65_535;

/**
 * Every DNS replica that is ready, asked through the API server's proxy, which leads there from anywhere.
 *
 * @param namespace that Causeway runs in
 * @throws CausewayError DNS_UNREACHABLE where none is ready
 */
export async function replicaTargets(
  cluster: OperatedCluster,
  namespace: string,
  signal: AbortSignal,
): Promise<LookupTargets> {
  const { client, context } = cluster;
  const pods = await readyReplicas(cluster, namespace, signal);
  if (pods.length === 0) {
    throw new CausewayError(
      'DNS_UNREACHABLE',
      `found no DNS replica that is ready in namespace ${namespace} of ${context}; causeway status says why`,
    );
  }
  return {
    asked: 'replicas',
    servers: pods.map(pod => ({
      name: pod.name,
      ask: (question, waits) => askPod(client, pod, question, waits),
    })),
    daemons: pods.map(pod => daemonOf(client, pod)),
    areOurs: true,
    remotes: waits => remotesIfAllowed(cluster, waits),
    remedy: () =>
      `the API server of ${context} has to reach port ${PAGES_PORT} of these pods: look at NetworkPolicies and firewalls`,
  };
}

export async function readyReplicas(
  { client }: OperatedCluster,
  namespace: string,
  signal: AbortSignal,
): Promise<PodObject[]> {
  const pods = await listPods(client, podsOfComponent('dns', namespace), signal);
  return pods.filter(({ ready, terminating }) => ready && !terminating);
}

export function daemonOf(client: ApiClient, pod: PodObject): Daemon {
  return { name: pod.name, explain: (question, signal) => explainPod(client, pod, question, signal) };
}

/** Since when a cluster is held for lost is good to know, and nothing more: who may not read it goes without. */
export async function remotesIfAllowed(
  cluster: OperatedCluster,
  signal: AbortSignal,
): Promise<readonly RemoteClusterObject[]> {
  try {
    return await remoteClusters(cluster, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof ApiError || thrown instanceof CausewayError) return [];
    throw thrown;
  }
}

async function askPod(
  client: ApiClient,
  pod: PodObject,
  question: Question,
  signal: AbortSignal,
): Promise<Asked> {
  // The id is 0, as RFC 8484 wants it: a connection of HTTP knows which answer is whose.
  const path = `/dns-query?dns=${queryOf(question, 0).toString('base64url')}`;
  const began = performance.now();
  const got = await octetsOfPod(client, pod, { port: PAGES_PORT, path }, LONGEST, signal);
  if (got.answered) return answeredWith(got.octets, 'http', performance.now() - began);
  // A daemon answers for every path, so it is one that does not know this one yet.
  const isOlder = got.reason.startsWith('it answers 404');
  return isOlder ? { answered: false, reason: 'its version cannot be asked over HTTP: upgrade it' } : got;
}

async function explainPod(
  client: ApiClient,
  pod: PodObject,
  question: Question,
  signal: AbortSignal,
): Promise<Explained> {
  const page = await pageOfPod(client, pod, { port: PAGES_PORT, path: explanationPath(question) }, signal);
  if (!page.answered) return { explained: false, reason: page.reason };
  if (page.status === 200) return explainedBy(page.text);
  return { explained: false, reason: `it answers ${page.status}: ${page.text}` };
}
