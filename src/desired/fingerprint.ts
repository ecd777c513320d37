import { objectKey } from '../base/name.ts';
import {
  EXPORTS_NAMESPACE,
  FOR_NAME,
  FOR_NAMESPACE,
  IMPORTS_NAMESPACE,
  MANAGED_BY,
  MCS_SERVICE_NAME,
  MCS_SOURCE_CLUSTER,
  MIRROR_OF,
  PARTLY_IGNORED,
  SERVICE_NAME,
  SLICE_MANAGED_BY,
  US,
} from '../objects/names.ts';
import type { DesiredStatus, OwnedKind, PlanTools } from './model.ts';
import { base32hex } from './names.ts';

type Sha256 = PlanTools['sha256'];
type Raw = Readonly<Record<string, unknown>>;

/** 130 bits. */
const LENGTH = 26;
/** What an API server fills in for `ClientIP` without a time. */
const AFFINITY_SECONDS = 10_800;

/** The labels and annotations of ours; what others add to an object of ours is theirs. */
const MARKS = [
  MANAGED_BY,
  FOR_NAMESPACE,
  FOR_NAME,
  SERVICE_NAME,
  SLICE_MANAGED_BY,
  MCS_SERVICE_NAME,
  MCS_SOURCE_CLUSTER,
] as const;

/** What of an object is ours, per kind, as plain data whose order is fixed. */
const CONTENTS: Readonly<Record<OwnedKind, (raw: Raw) => unknown>> = {
  Service: raw => [marksOf(raw), serviceContent(mapping(raw['spec']))],
  EndpointSlice: raw => [marksOf(raw), sliceContent(raw)],
  ExportedService: raw => [marksOf(raw), canonical(raw['spec'])],
  // Nobody but the controller writes ServiceImports (KEP-1645): all that stands on one is to be ours.
  ServiceImport: raw => {
    const { labels, annotations } = mapping(raw['metadata']);
    return [canonical(labels), canonical(annotations), canonical(raw['spec'])];
  },
};

/** The condition types that we write. */
const CONDITIONS: Readonly<Record<DesiredStatus['kind'], readonly string[]>> = {
  ServiceExport: ['Valid', 'Ready', 'Conflict', PARTLY_IGNORED],
  ServiceImport: ['Ready'],
};

/**
 * Stands for those fields of an object that are ours. The same for a manifest and for what an API server made of it:
 * what the server fills in is filled in here too, and lists whose order it is free to change are sorted.
 */
export function fingerprintOf(kind: OwnedKind, raw: Raw, sha256: Sha256): string {
  return digest(CONTENTS[kind](raw), sha256);
}

/** The same for the status of an object (`raw.status`). When a condition last changed is no part of it. */
export function statusFingerprintOf(kind: DesiredStatus['kind'], raw: Raw, sha256: Sha256): string {
  const { conditions, clusters, endpointSliceObjects } = mapping(raw['status']);
  const ours = list(conditions)
    .map(condition => mapping(condition))
    .filter(({ type }) => CONDITIONS[kind].some(known => known === type))
    .map(({ type, status, reason, message }) => [type, status, reason, message]);
  const ids = list(clusters).map(cluster => mapping(cluster)['cluster']);
  return digest([sorted(ours), sorted(ids), endpointSliceObjects ?? null], sha256);
}

/** `namespace/name` of the service that an object was written for; undefined: the object is not ours. */
export function ownedKeyOf(kind: OwnedKind, raw: Raw): string | undefined {
  const { namespace, name, labels, annotations } = mapping(raw['metadata']);
  const marks = mapping(labels);
  if (kind === 'ServiceImport') {
    if (mapping(annotations)[MANAGED_BY] !== US) return undefined;
    return objectKey(String(namespace), String(name));
  }
  const service = marks[FOR_NAME];
  if (marks[MANAGED_BY] !== US || typeof service !== 'string') return undefined;
  // Elsewhere an object speaks for its own namespace alone, whatever its labels say: they may be somebody else's.
  const ours = namespace === IMPORTS_NAMESPACE || String(namespace).startsWith(EXPORTS_NAMESPACE);
  return objectKey(String((ours && marks[FOR_NAMESPACE]) || namespace), service);
}

function digest(content: unknown, sha256: Sha256): string {
  return base32hex(sha256(JSON.stringify(content))).slice(0, LENGTH);
}

function marksOf(raw: Raw): unknown {
  const { labels, annotations } = mapping(raw['metadata']);
  const found = mapping(labels);
  return [...MARKS.map(mark => found[mark] ?? null), mapping(annotations)[MIRROR_OF] ?? null];
}

/** Ports are a map by protocol and number to the API server, which keeps them in an order of its own. */
function serviceContent(spec: Raw): unknown {
  const affinity = spec['sessionAffinity'] ?? 'None';
  const { timeoutSeconds } = mapping(mapping(spec['sessionAffinityConfig'])['clientIP']);
  const ports = list(spec['ports']).map(port => {
    const { name, protocol, port: number, appProtocol } = mapping(port);
    return [protocol ?? 'TCP', number, name ?? '', appProtocol ?? ''];
  });
  return [
    spec['type'] ?? 'ClusterIP',
    spec['ipFamilyPolicy'] ?? 'SingleStack',
    spec['ipFamilies'],
    sorted(ports),
    affinity,
    affinity === 'ClientIP' ? (timeoutSeconds ?? AFFINITY_SECONDS) : 0,
    spec['internalTrafficPolicy'] ?? 'Cluster',
    spec['trafficDistribution'] ?? '',
  ];
}

/** Lists of a slice are atomic: they keep their order. */
function sliceContent({ addressType, ports, endpoints }: Raw): unknown {
  return [
    addressType,
    list(ports).map(raw => {
      const { name, protocol, port } = mapping(raw);
      return [name ?? '', protocol ?? 'TCP', port ?? 0];
    }),
    list(endpoints).map(endpointContent),
  ];
}

/** Flat, and by hand: this runs once for every endpoint of the cluster set when a controller starts. */
function endpointContent(raw: unknown): unknown {
  const { addresses, conditions, hostname, nodeName, zone } = mapping(raw);
  const { ready = true, serving = ready, terminating = false } = mapping(conditions);
  return [addresses, ready, serving, terminating, hostname ?? '', nodeName ?? '', zone ?? ''];
}

/** Mappings as lists of sorted pairs; what is empty counts as absent, for writers differ in that. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.entries(value)
    .filter(([, held]) => !isEmpty(held))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, held]) => [key, canonical(held)]);
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object') return value === undefined;
  return value === null || Object.keys(value).length === 0;
}

/** By their JSON text. */
function sorted(items: readonly unknown[]): unknown {
  return items.map(item => JSON.stringify(item)).sort();
}

function mapping(value: unknown): Raw {
  return typeof value === 'object' && value !== null ? (value as Raw) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
