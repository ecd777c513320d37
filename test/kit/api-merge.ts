import type { ApiObject } from './api-store.ts';

type Fields = Record<string, unknown>;

/**
 * Server-side apply, good enough for tests: mappings are merged, lists are replaced as a whole, and what the same
 * manager applied before and no longer does is gone.
 */
export function applied(
  before: ApiObject | undefined,
  lastManifest: object | undefined,
  manifest: object,
): ApiObject {
  const kept = without((before ?? {}) as Fields, (lastManifest ?? {}) as Fields, manifest as Fields);
  return merged(kept, manifest as Fields) as unknown as ApiObject;
}

/** JSON merge patch (RFC 7396). */
export function patched(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const result: Fields = isFields(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = patched(result[key], value);
  }
  return result;
}

function merged(base: Fields, over: Fields): Fields {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = result[key];
    result[key] = isFields(value) ? merged(isFields(old) ? old : {}, value) : value;
  }
  return result;
}

function without(base: Fields, last: Fields, next: Fields): Fields {
  const result = { ...base };
  for (const [key, value] of Object.entries(last)) {
    const [old, wanted] = [result[key], next[key]];
    if (isFields(value) && isFields(old)) result[key] = without(old, value, isFields(wanted) ? wanted : {});
    else if (wanted === undefined) delete result[key];
  }
  return result;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
