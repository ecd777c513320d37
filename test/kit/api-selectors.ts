import type { StoredRecord } from './api-store.ts';

export type Matcher = (record: StoredRecord) => boolean;

/** Which records a request is about: its namespace, label selector (equality and existence) and field selector. */
export function matcherOf(namespace: string | undefined, query: URLSearchParams): Matcher {
  const labels = partsOf(query.get('labelSelector')).map(part => requirement(part, record => record.labels));
  const fields = partsOf(query.get('fieldSelector')).map(part =>
    requirement(part, ({ namespace, name }) => ({
      'metadata.namespace': namespace,
      'metadata.name': name,
    })),
  );
  const all = [...labels, ...fields];
  return record =>
    (namespace === undefined || record.namespace === namespace) && all.every(matches => matches(record));
}

function partsOf(selector: string | null): string[] {
  return (selector ?? '')
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '');
}

function requirement(part: string, valuesOf: (record: StoredRecord) => Record<string, string>): Matcher {
  const [, key = '', operator, value] = /^([^!=\s]+)\s*(!=|==?)\s*(.*)$/.exec(part) ?? [];
  if (operator === '!=') return record => valuesOf(record)[key] !== value;
  if (operator !== undefined) return record => valuesOf(record)[key] === value;
  if (part.startsWith('!')) return record => !(part.slice(1) in valuesOf(record));
  return record => part in valuesOf(record);
}
