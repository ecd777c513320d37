import { createHash } from 'node:crypto';
import { parseAllDocuments } from 'yaml';
import type { DesiredObject, OwnedKind, Plan, PlanTools, ServiceView } from '../../src/desired/model.ts';
import { publishedSliceName } from '../../src/desired/names.ts';
import { planService } from '../../src/desired/plan.ts';
import { Mesh } from '../../src/mesh/mesh.ts';
import { readEndpointSlice } from '../../src/objects/endpoint-slice.ts';
import { readObject } from '../../src/objects/index.ts';
import { Problems } from '../../src/objects/problem.ts';
import { detailedServiceReader } from '../../src/objects/service.ts';
import type { MeshObject } from '../../src/objects/shapes.ts';

export const NOW = '2026-02-01T00:00:00Z';

export const TOOLS: PlanTools = {
  sha256: text => createHash('sha256').update(text).digest(),
  now: () => NOW,
};

export type ViewOptions = Partial<ServiceView> & { readonly of?: string };

/**
 * What `west` sees of `shop/payments` (or what `of` names) when each cluster holds the objects of its YAML. Those of
 * other clusters come by way of what they publish, under the names that slices have there.
 */
export function viewOf(
  yamlByCluster: Readonly<Record<string, string>>,
  options: ViewOptions = {},
): ServiceView {
  const { of: key = 'shop/payments', localCluster = 'west', lost = new Set(), ...rest } = options;
  const mesh = new Mesh({ localCluster });
  for (const [cluster, text] of Object.entries(yamlByCluster)) {
    for (const object of objectsIn(text)) mesh.put(cluster, asSeen(object, cluster === localCluster));
  }
  for (const cluster of lost) mesh.setServing(cluster, false);
  mesh.flush();
  const [namespace = '', name = ''] = key.split('/');
  const { service, request, slices } = mesh.ownPartsOf(localCluster, key);
  return {
    namespace,
    name,
    localCluster,
    namespaceExists: true,
    merged: mesh.serviceOf(key),
    exports: mesh.exportsOf(key),
    conflicts: mesh.conflictsOf(key),
    serviceExport: request,
    exportConditions: [],
    invalid: mesh.invalidExportsOf(key).find(({ cluster }) => cluster === localCluster),
    publishIn: ['causeway-exports'],
    publishFault: undefined,
    service,
    localSlices: [...slices],
    derivedIPs: new Map(),
    foreign: new Set(),
    importConditions: [],
    localFamilies: ['IPv4', 'IPv6'],
    lost,
    federated: undefined,
    ...rest,
  };
}

function objectsIn(text: string): MeshObject[] {
  const raws = parseAllDocuments(text).map(document => document.toJS());
  return raws.map(raw => {
    const problems = new Problems(() => 'fixture');
    const object = readAsController(raw, problems);
    if (object === undefined || problems.list().length > 0) throw new Error(JSON.stringify(problems.list()));
    return object;
  });
}

function readAsController(raw: { kind: string }, problems: Problems): MeshObject | undefined {
  if (raw.kind === 'EndpointSlice') return readEndpointSlice(raw, problems, 'native', 'everything');
  if (raw.kind === 'Service') return detailedServiceReader.read(raw, problems);
  return readObject(raw).object;
}

function asSeen(object: MeshObject, local: boolean): MeshObject {
  if (local || object.kind !== 'EndpointSlice') return object;
  return { ...object, name: publishedSliceName(object.namespace, object.name, TOOLS.sha256) };
}

/** The plan once the API server has given every Service that it asks for its cluster IPs. */
export function settledPlan(view: ServiceView): Plan {
  const first = planService(view, TOOLS);
  return planService({ ...view, derivedIPs: assignIPs(first, view.derivedIPs) }, TOOLS);
}

/** As an API server would: those that there are stay, the others come from 10.96.0.0/16 and fd00:96::/64. */
export function assignIPs(
  plan: Plan,
  before: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const services = plan.objects.filter(({ kind }) => kind === 'Service');
  const assigned = services.map(({ name, manifest }, index) => {
    const { ipFamilies } = manifest['spec'] as { ipFamilies: readonly string[] };
    const ips = ipFamilies.map(family =>
      family === 'IPv4' ? `10.96.0.${index + 1}` : `fd00:96::${index + 1}`,
    );
    return [name, before.get(name) ?? ips] as const;
  });
  return new Map(assigned);
}

/** Objects of one kind, by `namespace/name`. */
export function objectsOf(plan: Plan, kind: OwnedKind): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    plan.objects
      .filter(object => object.kind === kind)
      .map(({ namespace, name, manifest }) => [`${namespace}/${name}`, manifest as Record<string, unknown>]),
  );
}

/** Status of the ServiceExport or ServiceImport. */
export function statusOf(
  plan: Plan,
  kind: 'ServiceExport' | 'ServiceImport',
): Record<string, unknown> | undefined {
  return plan.statuses.find(status => status.kind === kind)?.status;
}

/** `Ready=True/Ready` for each condition of a status. */
export function conditionLines(status: Record<string, unknown> | undefined): string[] {
  const conditions = (status?.['conditions'] ?? []) as { type: string; status: string; reason: string }[];
  return conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`);
}

/** Imported slices, one line for each endpoint: `east IPv4 http:8080 10.1.0.1 ready`. */
export function importedLines(plan: Plan): string[] {
  return slicesOf(plan)
    .filter(({ labels }) => 'multicluster.kubernetes.io/service-name' in labels)
    .flatMap(slice =>
      slice.lines.map(line => `${slice.labels['multicluster.kubernetes.io/source-cluster']} ${line}`),
    )
    .sort();
}

/** The same for all slices that kube-proxy counts to a Service. */
export function proxyLines(plan: Plan, service: string): string[] {
  return slicesOf(plan)
    .filter(({ labels }) => labels['kubernetes.io/service-name'] === service)
    .flatMap(({ lines }) => lines)
    .sort();
}

interface SliceManifest {
  metadata: { labels: Record<string, string> };
  addressType: string;
  ports: { name: string; port: number }[];
  endpoints: { addresses: string[]; conditions: Record<string, boolean> }[];
}

function slicesOf(plan: Plan): { labels: Record<string, string>; lines: string[] }[] {
  const slices = plan.objects.filter(({ kind }) => kind === 'EndpointSlice');
  return slices.map(({ manifest }: DesiredObject) => {
    const { metadata, addressType, ports, endpoints } = manifest as unknown as SliceManifest;
    const portTexts = ports.map(({ name, port }) => `${name}:${port}`).join(',');
    const lines = endpoints.map(({ addresses, conditions }) => {
      const set = Object.keys(conditions).filter(condition => conditions[condition]);
      return `${addressType} ${portTexts} ${addresses.join()} ${set.join('+') || 'down'}`;
    });
    return { labels: metadata.labels, lines };
  });
}
