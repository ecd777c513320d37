import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../../kube/api-error.ts';
import type { ApiClient, RawObject } from '../../kube/client.ts';
import { type Kind, resourceOf } from '../../kube/resource.ts';
import type { Manifest } from '../../manifests/manifest.ts';
import type { AppliedObject } from '../../views/applied.ts';

/** Somebody else can be quicker so many times. */
const ATTEMPTS = 5;

/**
 * Writes an object that depends on what is there, so that two who do so at once do not undo what the other has written:
 * whoever comes second looks again.
 *
 * @param place of the object
 * @param wanted the object as it shall be, from what is there; undefined: what is there does
 */
export async function settle(
  client: ApiClient,
  kind: Kind,
  place: { readonly namespace?: string; readonly name: string },
  wanted: (before: RawObject | undefined) => Promise<Manifest | undefined> | Manifest | undefined,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<AppliedObject> {
  const resource = resourceOf(kind);
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const before = await client.get(resource, place, signal);
    const manifest = await wanted(before);
    if (manifest === undefined || (before !== undefined && holds(before, manifest))) {
      return { kind, ...place, change: 'unchanged' };
    }
    const change = before === undefined ? 'created' : 'changed';
    if (dryRun) return { kind, ...place, change };
    try {
      if (before === undefined) await client.create(resource, place, manifest);
      else await client.apply(resource, place, conditional(manifest, before), signal);
      return { kind, ...place, change };
    } catch (thrown) {
      const again = thrown instanceof ApiError && thrown.status === 409 && attempt < ATTEMPTS;
      if (!again) throw thrown;
    }
  }
}

function conditional(manifest: Manifest, { metadata: { resourceVersion } }: RawObject): object {
  return { ...manifest, metadata: { ...manifest.metadata, resourceVersion } };
}

/** Whether an object has all that a manifest says. */
function holds(object: unknown, manifest: unknown): boolean {
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) {
    return isDeepStrictEqual(object, manifest);
  }
  return Object.entries(manifest).every(([field, value]) => holds(Object(object)[field], value));
}
