import { endpointSliceReader } from './endpoint-slice.ts';
import { isMapping } from './fields.ts';
import type { KindReader } from './kind.ts';
import { namespaceReader } from './namespace.ts';
import { type ObjectReading, Problems, show } from './problem.ts';
import { serviceReader } from './service.ts';
import { serviceExportReader } from './service-export.ts';

export type { ObjectReading, Problem } from './problem.ts';

const READERS: readonly KindReader[] = [
  namespaceReader,
  serviceReader,
  serviceExportReader,
  endpointSliceReader,
];

const READER_OF_KIND = new Map<unknown, KindReader>(READERS.map(reader => [reader.kind, reader]));
const READER_OF_LIST = new Map<unknown, KindReader>(READERS.map(reader => [`${reader.kind}List`, reader]));

/**
 * Reads one Kubernetes object of unknown origin. Takes any value and never throws: what is wrong is in `problems`, and
 * `object` is undefined where nothing can be used. A null document (what lies between two `---`) is no problem.
 */
export function readObject(raw: unknown): ObjectReading {
  if (raw === null || raw === undefined) return { problems: [] };
  if (!isMapping(raw)) {
    return refuse(
      'document',
      undefined,
      `found ${show(raw)}: must be a Kubernetes object (apiVersion, kind, metadata)`,
    );
  }
  if (raw['kind'] === 'List') return readItems(raw);
  const listed = READER_OF_LIST.get(raw['kind']);
  if (listed) return readItems(raw, { apiVersion: raw['apiVersion'], kind: listed.kind });
  const problems = new Problems(() => nameOf(raw));
  const object = readerOf(raw, problems)?.read(raw, problems);
  return { ...(object && { object }), problems: problems.list() };
}

function readerOf({ kind, apiVersion }: Record<string, unknown>, problems: Problems): KindReader | undefined {
  const reader = READER_OF_KIND.get(kind);
  if (!reader) {
    const kinds = [...READER_OF_KIND.keys()].join(', ');
    return problems.warn('kind', `found ${show(kind)}: only ${kinds} are read; the object is left out`);
  }
  if (reader.apiVersions.some(version => version === apiVersion)) return reader;
  const versions = reader.apiVersions.join(' or ');
  const message = `found ${show(apiVersion)}: ${reader.kind} is read as ${versions}; the object is left out`;
  return problems.warn('apiVersion', message);
}

/** The items of a list. An API server leaves kind and version out of a typed list's items, hence `defaults`. */
function readItems(raw: Record<string, unknown>, defaults?: Record<string, unknown>): ObjectReading {
  const items = raw['items'] ?? [];
  if (!Array.isArray(items)) return refuse(nameOf(raw), 'items', `found ${show(items)}: must be a list`);
  return { problems: [], items: items.map(item => (isMapping(item) ? { ...defaults, ...item } : item)) };
}

function refuse(object: string, field: string | undefined, message: string): ObjectReading {
  const problems = new Problems(() => object);
  problems.refuse(field, message);
  return { problems: problems.list() };
}

/** `EndpointSlice shop/payments-v4`; what cannot be part of a name in a log line is left out. */
function nameOf(raw: Record<string, unknown>): string {
  const kind = nameParts(raw['kind'])[0] ?? 'document';
  const metadata = isMapping(raw['metadata']) ? raw['metadata'] : {};
  const parts = nameParts(metadata['namespace'], metadata['name']);
  return parts.length === 0 ? kind : `${kind} ${parts.join('/')}`;
}

function nameParts(...values: readonly unknown[]): string[] {
  return values.filter(value => typeof value === 'string').filter(value => /^[!-~]{1,253}$/.test(value));
}
