import type { Objects, Tried } from '../../diagnose/facts.ts';
import type { ApiClient, Selection } from '../../kube/client.ts';
import type { ExchangeTimes } from '../../kube/http-exchange.ts';
import { listPages } from '../../kube/list-pages.ts';
import type { Resource } from '../../kube/resource.ts';
import { known, tried } from './attempt.ts';

/** Milliseconds. A person waits; what has not answered by then is what is wrong. */
export const TIMES: ExchangeTimes = { connect: 5_000, silence: 5_000, whole: 20_000 };

/** Of everything that is asked of an API server that does not even tell its version. */
export const NO_ANSWER = { unknown: 'its API server gives no answer: see reach.api' };

/** The version of Kubernetes, which everybody may ask for who is let in. */
export function apiVersion(client: ApiClient, signal: AbortSignal): Promise<Tried<string>> {
  return tried(client.about(signal).then(({ version }) => version));
}

export function listed(
  client: ApiClient,
  resource: Resource,
  selection: Selection,
  signal: AbortSignal,
): Promise<Objects> {
  const found: object[] = [];
  return known(listPages(client, resource, selection, raw => found.push(raw), signal).then(() => found));
}
