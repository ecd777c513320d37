import { type TextChange, takenBack } from '../../corefile/change.ts';
import type { MapKey } from '../../corefile/places.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { ApiClient, RawObject } from '../../kube/client.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { PART_OF, US } from '../../objects/names.ts';

/** Somebody who writes more often than this within a second is a program that has to be stopped first. */
const MOST_CONFLICTS = 10;

/**
 * Does what reads first and then writes on the condition that nothing has changed since; again from the beginning where
 * something has.
 *
 * @throws ApiError 409 where somebody else is faster ten times on end
 */
export async function onCondition<Value>(attempt: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (thrown) {
      signal.throwIfAborted();
      const conflict = thrown instanceof ApiError && thrown.status === 409;
      if (!conflict || tries >= MOST_CONFLICTS) throw thrown;
    }
  }
}

/**
 * Writes one text of a ConfigMap in one step, and nothing else of it.
 *
 * @param raw the ConfigMap as it was read; undefined: there was none
 * @throws ApiError 409 where it has changed since
 */
export async function writeText(
  client: ApiClient,
  raw: RawObject | undefined,
  { target, after }: Pick<TextChange, 'target' | 'after'>,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name, key } = target;
  if (raw === undefined) {
    if (after === undefined) return;
    const metadata = { namespace, name, labels: { [PART_OF]: US } };
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [key]: after } };
    await client.create(RESOURCES.configMaps, target, manifest);
    return;
  }
  const { [key]: _, ...others } = Object(raw['data']) as Record<string, string>;
  if (after === undefined && isOurs(raw) && Object.keys(others).length === 0) {
    const { uid = '', resourceVersion = '' } = raw.metadata;
    await client.remove(RESOURCES.configMaps, { namespace, name }, { uid, resourceVersion, signal });
    return;
  }
  const data = after === undefined ? others : { ...others, [key]: after };
  await client.replace(RESOURCES.configMaps, { namespace, name }, { ...raw, data }, signal);
}

/** Made for the stanza, with nothing of anybody else in it. */
function isOurs({ metadata, binaryData }: RawObject): boolean {
  return metadata.labels?.[PART_OF] === US && Object.keys(Object(binaryData)).length === 0;
}

/** Puts the text before a change back; what somebody else has written since stays. */
export async function takeBack(client: ApiClient, change: TextChange, signal: AbortSignal): Promise<void> {
  const { target } = change;
  await onCondition(async () => {
    const raw = await readMap(client, target, signal);
    const now = Object(raw?.['data'])[target.key] as string | undefined;
    const after = takenBack(now, change);
    if (after !== now) await writeText(client, raw, { target, after }, signal);
  }, signal);
}

function readMap(
  client: ApiClient,
  { namespace, name }: MapKey,
  signal: AbortSignal,
): Promise<RawObject | undefined> {
  return client.get(RESOURCES.configMaps, { namespace, name }, signal);
}
