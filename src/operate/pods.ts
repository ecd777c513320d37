import { messageOf } from '../base/errors.ts';
import { ApiError } from '../kube/api-error.ts';
import type { ApiClient } from '../kube/client.ts';
import { listPages } from '../kube/list-pages.ts';
import { RESOURCES } from '../kube/resource.ts';
import { type PodObject, podReader } from '../objects/pod.ts';
import { Problems } from '../objects/problem.ts';

/** Pods by their labels. */
export interface PodSelection {
  readonly namespace: string;
  readonly labelSelector: string;
}

/** What runs of Causeway: a Deployment `causeway-…` each. */
export const COMPONENTS = ['controller', 'dns'] as const;
export type Component = (typeof COMPONENTS)[number];

/** Port of the pages that controller and DNS daemon serve in deploy/base. */
export const PAGES_PORT = 9353;

/** CoreDNS as kubeadm, kind and most distributions install it. Its metrics are on port 9153. */
export const COREDNS_PODS: PodSelection = { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' };

export function podsOfComponent(component: Component, namespace: string): PodSelection {
  const labels = { 'app.kubernetes.io/name': 'causeway', 'app.kubernetes.io/component': component };
  const labelSelector = Object.entries(labels).map(entry => entry.join('='));
  return { namespace, labelSelector: labelSelector.join(',') };
}

/** By name. Those that are being deleted are among them. */
export async function listPods(
  client: ApiClient,
  { namespace, labelSelector }: PodSelection,
  signal: AbortSignal,
): Promise<PodObject[]> {
  const found: PodObject[] = [];
  const take = (raw: unknown) => {
    const read = podReader.read(raw, Problems.ignored());
    if (read !== undefined) found.push(read);
  };
  await listPages(client, RESOURCES.pods, { namespace, labelSelector }, take, signal);
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** What came of asking a pod for a page. */
export type PodPage =
  /** The pod itself answered; 503 is an answer too. */
  | { readonly answered: true; readonly status: number; readonly text: string }
  /** It could not be asked, or gave no answer: nothing is known. */
  | { readonly answered: false; readonly reason: string };

/** Which page of the pods. */
export interface PageAddress {
  readonly port: number;
  /** `/readyz` */
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
  { namespace, name }: Pick<PodObject, 'namespace' | 'name'>,
  { port, path }: PageAddress,
  signal: AbortSignal,
  longestWait = LONGEST_WAIT,
): Promise<PodPage> {
  const pod = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}:${port}`;
  const late = AbortSignal.timeout(longestWait);
  try {
    const text = await client.page(`${pod}/proxy${path}`, AbortSignal.any([signal, late]));
    return { answered: true, status: 200, text };
  } catch (thrown) {
    signal.throwIfAborted();
    if (late.aborted) return { answered: false, reason: `no answer within ${longestWait / 1_000} s` };
    // What the API server has to say for itself is a Kubernetes Status; anything else the pod has said.
    if (thrown instanceof ApiError && thrown.body !== undefined) {
      return { answered: true, status: thrown.status, text: thrown.body };
    }
    return { answered: false, reason: messageOf(thrown) };
  }
}

/** The same page of many pods at once, in their order. */
export function pagesOfPods(
  client: ApiClient,
  pods: readonly Pick<PodObject, 'namespace' | 'name'>[],
  address: PageAddress,
  signal: AbortSignal,
): Promise<PodPage[]> {
  return Promise.all(pods.map(pod => pageOfPod(client, pod, address, signal)));
}
