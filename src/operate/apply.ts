import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../kube/api-error.ts';
import type { ApiClient, RawObject } from '../kube/client.ts';
import { type Kind, resourceOf } from '../kube/resource.ts';
import type { Manifest } from '../manifests/manifest.ts';
import type { AppliedObject } from '../views/applied.ts';

/**
 * Applies one object, as the operator and without regard to who else wrote its fields.
 *
 * @param dryRun ask the API server what would come of it, and write nothing
 */
export async function applyObject(
  client: ApiClient,
  manifest: Manifest,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<AppliedObject> {
  const { kind, metadata } = manifest;
  const resource = resourceOf(kind as Kind);
  const { name, namespace } = metadata;
  const place = { name, namespace };
  const before = await client.get(resource, place, signal);
  const after = await appliedOr(before, dryRun, () =>
    client.apply(resource, place, manifest, signal, { dryRun }),
  );
  const change =
    before === undefined
      ? 'created'
      : isDeepStrictEqual(meant(before), meant(after))
        ? 'unchanged'
        : 'changed';
  return { kind, ...(namespace === undefined ? {} : { namespace }), name, change };
}

/** What lies in a namespace, or is of a kind, that does not exist before the real run cannot be tried. */
async function appliedOr(
  before: RawObject | undefined,
  dryRun: boolean,
  apply: () => Promise<RawObject>,
): Promise<RawObject | undefined> {
  try {
    return await apply();
  } catch (thrown) {
    if (dryRun && before === undefined && thrown instanceof ApiError && thrown.status === 404) return before;
    throw thrown;
  }
}

/** An object without what the API server counts and notes about its writers. */
function meant(object: RawObject | undefined): unknown {
  const { managedFields: _m, resourceVersion: _r, generation: _g, ...metadata } = Object(object?.metadata);
  return { ...object, metadata };
}
