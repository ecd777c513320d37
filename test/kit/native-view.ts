import { parseAllDocuments } from 'yaml';
import { selectBacking } from '../../src/desired/federated.ts';
import type { DesiredObject, FederatedView, ServiceView } from '../../src/desired/model.ts';
import { exportService, isInvalid } from '../../src/mesh/export.ts';
import type { ExportedService } from '../../src/mesh/model.ts';
import { viewOf } from './plan.ts';

/** The cluster whose controller plans. */
const LOCAL = 'east';

/**
 * What cluster east's controller knows of one of namespace shop's Services, federation included, when each cluster
 * holds the objects of its YAML.
 */
export function nativeView(
  name: string,
  yamlByCluster: Readonly<Record<string, string>>,
  lost: readonly string[] = [],
): ServiceView {
  const see = (of: string) =>
    viewOf(yamlByCluster, { of: `shop/${of}`, localCluster: LOCAL, lost: new Set(lost) });
  const view = see(name);
  const selector = view.service?.detail?.intent.federationSelector;
  if (selector === undefined) return view;
  const views = serviceNames(Object.values(yamlByCluster)).map(see);
  return { ...view, federated: federatedView(selector, views) };
}

function serviceNames(yaml: readonly string[]): string[] {
  const raws = yaml.flatMap(text => parseAllDocuments(text).map(document => document.toJS()));
  const services = raws.filter(({ kind }) => kind === 'Service');
  return [...new Set(services.map(({ metadata }) => String(metadata.name)))].sort();
}

function federatedView(selector: string, views: readonly ServiceView[]): FederatedView {
  const remote = views.flatMap(({ exports }) => exports).filter(({ cluster }) => cluster !== LOCAL);
  return selectBacking(selector, { remote, local: views.flatMap(contributionOf) });
}

/** What a local Service would export: a federated one sees it without a ServiceExport. */
function contributionOf({ service, localSlices: slices }: ServiceView): ExportedService[] {
  if (service === undefined || service.detail?.intent.federationSelector !== undefined) return [];
  const { namespace, name } = service;
  const settings = { exportedLabels: {}, exportedAnnotations: {}, traffic: {} };
  const request = { kind: 'ServiceExport', namespace, name, ...settings } as const;
  const contribution = exportService(LOCAL, { request, service, slices });
  return contribution === undefined || isInvalid(contribution) ? [] : [contribution];
}

/**
 * Slices as lines, sorted: `payments west IPv4 http:8080 10.2.0.1 (10.2.0.2)`, that is the Service that it belongs to,
 * the cluster that its name tells, and in brackets the addresses that are not ready.
 */
export function sliceLines(objects: readonly DesiredObject[]): string[] {
  return objects.map(lineOf).sort();
}

interface Manifest {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly addressType: string;
  readonly ports: readonly { readonly name: string; readonly port?: number }[];
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly conditions: { readonly ready: boolean };
  }[];
}

function lineOf({ name, manifest }: DesiredObject): string {
  const { metadata, addressType, ports, endpoints } = manifest as unknown as Manifest;
  const service = metadata.labels['kubernetes.io/service-name'] ?? '?';
  const cluster = name.slice(service.length + 1, name.lastIndexOf('-'));
  const ported = ports.map(port => `${port.name}:${port.port}`).join(',');
  const addresses = endpoints.map(({ addresses, conditions }) =>
    conditions.ready ? addresses.join('+') : `(${addresses.join('+')})`,
  );
  return [service, cluster, addressType, ported, ...addresses].filter(part => part !== '').join(' ');
}
