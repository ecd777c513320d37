import type { Manifest } from './manifest.ts';

/** Where Causeway runs as `deploy/` has it. */
export const SYSTEM_NAMESPACE = 'causeway-system';

/** The same manifest for a Causeway that runs in another namespace: that namespace, and who is in it. */
export function inNamespace(manifest: Manifest, namespace: string): Manifest {
  return renamed(manifest, namespace) as Manifest;
}

function renamed(value: unknown, namespace: string): unknown {
  if (value === SYSTEM_NAMESPACE) return namespace;
  if (Array.isArray(value)) return value.map(one => renamed(one, namespace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, renamed(one, namespace)]));
}
