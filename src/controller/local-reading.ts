import { objectKey } from '../base/name.ts';
import { fingerprintOf, ownedKeyOf, statusFingerprintOf } from '../desired/fingerprint.ts';
import type { OwnedKind } from '../desired/model.ts';
import { isDerivedName } from '../desired/names.ts';
import type { RawObject } from '../kube/client.ts';
import { conditionsOf } from '../objects/conditions.ts';
import { readEndpointSlice } from '../objects/endpoint-slice.ts';
import type { KindReader } from '../objects/kind.ts';
import { type Problem, Problems } from '../objects/problem.ts';
import { detailedServiceReader } from '../objects/service.ts';
import { serviceExportReader } from '../objects/service-export.ts';
import type { LocalObject, StatusRecord } from './local-state.ts';
import type { OwnedObject } from './owned-objects.ts';

/** Told of what is wrong with an object that somebody of this cluster wrote. */
export interface ProblemSink {
  problems(
    raw: RawObject,
    kind: 'Service' | 'ServiceExport' | 'RemoteCluster',
    problems: readonly Problem[],
  ): void;
}

type Sha256 = (text: string) => Uint8Array;

/** A derived Service of ours, or a Service that may be exported. */
export function readLocalService(raw: RawObject, sha256: Sha256, tell: ProblemSink): LocalObject | undefined {
  const owned = ownedObject('Service', raw, sha256);
  if (owned !== undefined) return { owned };
  const mesh = readWith(detailedServiceReader, 'Service', raw, tell);
  const { name } = raw.metadata;
  // No other name is ever wanted: those of all Services would be held for nothing.
  const foreign = isDerivedName(name) ? { foreign: `Service ${objectKey(namespaceOf(raw), name)}` } : {};
  return { ...(mesh && { mesh }), ...foreign };
}

export function readLocalExport(raw: RawObject, sha256: Sha256, tell: ProblemSink): LocalObject {
  const mesh = readWith(serviceExportReader, 'ServiceExport', raw, tell);
  return { ...(mesh && { mesh }), status: statusRecord('ServiceExport', raw, sha256) };
}

export function readLocalImport(raw: RawObject, sha256: Sha256): LocalObject {
  const owned = ownedObject('ServiceImport', raw, sha256);
  const status = statusRecord('ServiceImport', raw, sha256);
  if (owned !== undefined) return { owned, status };
  return { foreign: `ServiceImport ${objectKey(namespaceOf(raw), raw.metadata.name)}` };
}

/** One of ours, or a slice of a Service that may be exported. */
export function readLocalSlice(raw: RawObject, sha256: Sha256): LocalObject | undefined {
  const owned = ownedObject('EndpointSlice', raw, sha256);
  if (owned !== undefined) return { owned };
  // Kubernetes writes slices that we have no use for (host names, none of a Service); nobody has to mend them.
  const mesh = readEndpointSlice(raw, new Problems(() => ''), 'native', 'everything');
  return mesh && { mesh };
}

/** What this cluster publishes, and the copies of what others do. */
export function readLocalExported(raw: RawObject, sha256: Sha256): LocalObject | undefined {
  const owned = ownedObject('ExportedService', raw, sha256);
  return owned && { owned };
}

/** Undefined: it is not ours. */
export function ownedObject(kind: OwnedKind, raw: RawObject, sha256: Sha256): OwnedObject | undefined {
  const key = ownedKeyOf(kind, raw);
  if (key === undefined) return undefined;
  const { name, resourceVersion = '', uid = '' } = raw.metadata;
  const base = { kind, namespace: namespaceOf(raw), name, key, resourceVersion, uid };
  const owned = { ...base, fingerprint: fingerprintOf(kind, raw, sha256) };
  return kind === 'Service' ? { ...owned, clusterIPs: clusterIPsOf(raw) } : owned;
}

export function statusRecord(kind: StatusRecord['kind'], raw: RawObject, sha256: Sha256): StatusRecord {
  return {
    kind,
    namespace: namespaceOf(raw),
    name: raw.metadata.name,
    uid: raw.metadata.uid ?? '',
    conditions: conditionsOf(raw),
    fingerprint: statusFingerprintOf(kind, raw, sha256),
  };
}

export function namespaceOf(raw: RawObject): string {
  return raw.metadata.namespace ?? '';
}

function readWith<T>(
  reader: KindReader<T>,
  kind: 'Service' | 'ServiceExport',
  raw: RawObject,
  tell: ProblemSink,
): T | undefined {
  const problems = new Problems(() => `${kind} ${objectKey(namespaceOf(raw), raw.metadata.name)}`);
  const object = reader.read(raw, problems);
  const found = problems.list();
  // Of a Service only the annotations are ours to judge: it may never be exported.
  const ours =
    kind === 'Service' ? found.filter(one => one.field?.startsWith('metadata.annotations')) : found;
  tell.problems(raw, kind, ours);
  return object;
}

function clusterIPsOf(raw: RawObject): readonly string[] {
  const spec = raw['spec'];
  const found: unknown =
    typeof spec === 'object' && spec !== null ? Reflect.get(spec, 'clusterIPs') : undefined;
  return Array.isArray(found)
    ? found.filter(address => typeof address === 'string' && address !== 'None')
    : [];
}
