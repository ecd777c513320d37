import { messageOf } from '../base/errors.ts';
import { ApiError } from '../kube/api-error.ts';
import type { ApiClient } from '../kube/client.ts';
import { pathOf, RESOURCES } from '../kube/resource.ts';
import { type Component, namespaceOf } from '../manifests/choices.ts';
import { type PodObject, podReader } from '../objects/pod.ts';
import { listObjects } from './list-objects.ts';

/** Pods by their labels. */
export interface PodSelection {
  readonly namespace: string;
  readonly labelSelector: string;
}

/** Port of the pages that controller and DNS daemon serve in deploy/base. */
export const PAGES_PORT = 9353;

/** Of those that the routing agent serves in deploy/agent, on the host's own network. */
export const AGENT_PAGES_PORT = 9355;

/** CoreDNS as kubeadm, kind and most distributions install it. Its metrics are on port 9153. */
export const COREDNS_PODS: PodSelection = { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' };

export function podsOfComponent(component: Component, namespace: string): PodSelection {
  const labels = { 'app.kubernetes.io/name': 'causeway', 'app.kubernetes.io/component': component };
  const labelSelector = Object.entries(labels).map(entry => entry.join('='));
  return { namespace: namespaceOf(component, namespace), labelSelector: labelSelector.join(',') };
}

/** By name. Those that are being deleted are among them. */
export async function listPods(
  client: ApiClient,
  { namespace, labelSelector }: PodSelection,
  signal: AbortSignal,
): Promise<PodObject[]> {
  const selection = { namespace, labelSelector };
  const found = await listObjects(client, RESOURCES.pods, selection, podReader.read, signal);
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The pods of a component, by name, without those that are being deleted. */
export async function stayingPods(
  client: ApiClient,
  component: Component,
  namespace: string,
  signal: AbortSignal,
): Promise<PodObject[]> {
  const pods = await listPods(client, podsOfComponent(component, namespace), signal);
  return pods.filter(({ terminating }) => !terminating);
}

/** What came of asking a pod for a page. */
export type PodPage = PodAnswer<{ readonly status: number; readonly text: string }>;

export type PodAnswer<Said> =
  /** The pod itself answered; 503 is an answer too. */
  | ({ readonly answered: true } & Said)
  /** It gave no answer; `asked: false`: nobody could ask it, because the API server does not let us. */
  | { readonly answered: false; readonly asked: boolean; readonly reason: string };

/** Which page of the pods. */
export interface PageAddress {
  readonly port: number;
  /** `/readyz`; a query may follow. */
  readonly path: string;
}

/** A pod that answers at all does so in milliseconds; an operator does not wait for one that hangs. */
const LONGEST_WAIT = 3_000;

/**
 * Asks a pod through the API server's proxy, which reaches it from anywhere. Throws nothing but what `signal` is
 * aborted with.
 */
export async function pageOfPod(
  client: ApiClient,
  pod: Pick<PodObject, 'namespace' | 'name'>,
  address: PageAddress,
  signal: AbortSignal,
  longestWait = LONGEST_WAIT,
): Promise<PodPage> {
  const get = async (waits: AbortSignal) => {
    const text = await client.page(proxyPath(pod, address), waits);
    return { answered: true, status: 200, text } as const;
  };
  return answerOfPod(get, signal, longestWait);
}

/** The same for what is no text; an answer other than 200 is one that says no. */
export async function octetsOfPod(
  client: ApiClient,
  pod: Pick<PodObject, 'namespace' | 'name'>,
  address: PageAddress,
  most: number,
  signal: AbortSignal,
): Promise<PodAnswer<{ readonly octets: Uint8Array }>> {
  const get = async (waits: AbortSignal) => {
    const octets = await client.octets(proxyPath(pod, address), most, waits);
    return { answered: true, octets } as const;
  };
  const answer = await answerOfPod(get, signal, LONGEST_WAIT);
  if (!answer.answered || 'octets' in answer) return answer;
  return { answered: false, asked: true, reason: `it answers ${answer.status}: ${answer.text}` };
}

function proxyPath(pod: Pick<PodObject, 'namespace' | 'name'>, { port, path }: PageAddress): string {
  return `${pathOfPod(pod)}:${port}/proxy${path}`;
}

async function answerOfPod<Got>(
  get: (waits: AbortSignal) => Promise<Got>,
  signal: AbortSignal,
  longestWait: number,
): Promise<Got | PodPage> {
  const late = AbortSignal.timeout(longestWait);
  try {
    return await get(AbortSignal.any([signal, late]));
  } catch (thrown) {
    signal.throwIfAborted();
    if (late.aborted)
      return { answered: false, asked: true, reason: `no answer within ${longestWait / 1_000} s` };
    // What the API server has to say for itself is a Kubernetes Status; anything else the pod has said.
    if (thrown instanceof ApiError && thrown.body !== undefined) {
      return { answered: true, status: thrown.status, text: thrown.body };
    }
    const asked = !(thrown instanceof ApiError && [401, 403].includes(thrown.status));
    return { answered: false, asked, reason: messageOf(thrown) };
  }
}

/**
 * The last line that a pod's container logged before it ended the last time; undefined where that is not to be had.
 */
export async function lastWords(
  client: ApiClient,
  pod: Pick<PodObject, 'namespace' | 'name'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  return (await logOf(client, pod, 'previous=true&tailLines=1', signal)).at(-1);
}

/**
 * The last lines of a pod's log; none where it is not to be had.
 *
 * @param query `tailLines=100`
 */
export async function logOf(
  client: ApiClient,
  pod: Pick<PodObject, 'namespace' | 'name'>,
  query: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const waits = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_WAIT)]);
    const text = await client.page(`${pathOfPod(pod)}/log?${query}`, waits);
    return text.split('\n').flatMap(line => line.trim() || []);
  } catch {
    signal.throwIfAborted();
    return [];
  }
}

function pathOfPod({ namespace, name }: Pick<PodObject, 'namespace' | 'name'>): string {
  return pathOf(RESOURCES.pods, { namespace, name });
}
