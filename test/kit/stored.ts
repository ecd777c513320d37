import type { DesiredObject, DesiredStatus } from '../../src/desired/model.ts';

type Raw = Record<string, unknown>;

/**
 * What an API server gives back for an object that was applied to it: what it fills in, what it adds, what it puts in
 * another order.
 */
export function asStored({ manifest }: DesiredObject): Raw {
  const raw: Raw = structuredClone(manifest);
  const metadata = raw['metadata'] as Raw;
  raw['metadata'] = {
    ...metadata,
    uid: '6a1d8b8e-7e5d-4a7b-9f1c-2f3f0d6f1c55',
    resourceVersion: '4711',
    creationTimestamp: '2026-01-01T00:00:00Z',
    managedFields: [{ manager: 'causeway-controller', operation: 'Apply' }],
  };
  if (raw['kind'] === 'Service') raw['spec'] = storedService(raw['spec'] as Raw);
  if (raw['kind'] === 'EndpointSlice')
    return { ...raw, endpoints: nullIfEmpty(raw['endpoints']), ports: nullIfEmpty(raw['ports']) };
  return JSON.parse(JSON.stringify(raw));
}

/** A list-map is kept in the order in which its items came to be, which need not be that of the last manifest. */
function storedService(spec: Raw): Raw {
  const ports = (spec['ports'] as Raw[]).map(port => ({ ...port, targetPort: port['port'] }));
  const affinity = spec['sessionAffinity'];
  return {
    ...spec,
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1'],
    ports: ports.reverse(),
    ...(affinity === 'ClientIP' && spec['sessionAffinityConfig'] === undefined
      ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } }
      : {}),
  };
}

/** `omitempty` is not what slices do: an empty list is printed as null. */
function nullIfEmpty(list: unknown): unknown {
  return Array.isArray(list) && list.length === 0 ? null : list;
}

/** The object with its status, beside a condition that somebody else wrote. */
export function withStatus({ status }: DesiredStatus): Raw {
  const conditions = (status['conditions'] ?? []) as Raw[];
  const other = { type: 'example.com/Seen', status: 'True', reason: 'Seen', message: '' };
  return { metadata: {}, status: { ...status, conditions: [other, ...conditions.toReversed()] } };
}
