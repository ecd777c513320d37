import { messageOf } from '../base/errors.ts';
import type { ApiClient } from '../kube/client.ts';
import { RESOURCES } from '../kube/resource.ts';
import { CLUSTER_ID_PROPERTY } from '../objects/names.ts';
import type { Logger } from '../ops/log.ts';
import { clusterIdIn } from './cluster-id.ts';
import { eventually, pause } from './eventually.ts';

/** Milliseconds between two looks at this cluster's own id. */
const LOOK = 5_000;

/** The id of this cluster in the set, as soon as there is one. Undefined: the signal came first. */
export async function ownId(
  client: ApiClient,
  log: Logger,
  signal: AbortSignal,
): Promise<string | undefined> {
  const failed = (fault: unknown): void => log.warn(`waiting for this cluster's id: ${messageOf(fault)}`);
  return eventually(() => ask(client), failed, signal);
}

/**
 * Resolves with the id that this cluster has got instead of the one it had, or with undefined when the signal comes. As
 * long as it cannot be asked, or names none, it is what it was: an id is immutable while a cluster is a member
 * (KEP-2149).
 */
export async function changeOfId(
  client: ApiClient,
  id: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  while (!signal.aborted) {
    await pause(LOOK, signal);
    const now = await ask(client).catch(() => id);
    if (now !== id && !signal.aborted) return now;
  }
  return undefined;
}

async function ask(client: ApiClient): Promise<string> {
  const raw = await client.get(RESOURCES.clusterProperties, { name: CLUSTER_ID_PROPERTY });
  return clusterIdIn(raw, client.server);
}
