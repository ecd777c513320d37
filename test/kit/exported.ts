/** What one cluster says of a service, each part as a YAML flow mapping without its braces. */
export interface Exported {
  readonly name?: string;
  readonly namespace?: string;
  /** Of the Service; undefined: there is none. */
  readonly spec?: string | undefined;
  /** `metadata.creationTimestamp` of the ServiceExport; undefined: it has none. */
  readonly at?: string | undefined;
  readonly annotations?: string;
  /** Of the ServiceExport. */
  readonly exportSpec?: string;
  /** The rest of each EndpointSlice: `addressType: IPv4, ports: […], endpoints: […]`. */
  readonly slices?: readonly string[];
}

export const OLD = '2026-01-01T00:00:00Z';
export const NEWER = '2026-01-02T00:00:00Z';
export const NEWEST = '2026-01-03T00:00:00Z';

/** The YAML of a service as one cluster exports it: Service, ServiceExport and slices `<name>-0`, `<name>-1`, … */
export function exported(parts: Exported): string {
  const { name = 'payments', namespace = 'shop', at, annotations = '', exportSpec = '', slices = [] } = parts;
  const metadata = `name: ${name}, namespace: ${namespace}`;
  const time = at === undefined ? '' : `, creationTimestamp: "${at}"`;
  const service = `{apiVersion: v1, kind: Service, metadata: {${metadata}}, spec: {${parts.spec ?? ''}}}`;
  const request =
    '{apiVersion: multicluster.x-k8s.io/v1beta1, kind: ServiceExport, ' +
    `metadata: {${metadata}${time}, annotations: {${annotations}}}, spec: {${exportSpec}}}`;
  const documents = [
    ...('spec' in parts && parts.spec === undefined ? [] : [service]),
    request,
    ...slices.map((rest, index) => sliceYaml(name, namespace, index, rest)),
  ];
  return documents.join('\n---\n');
}

function sliceYaml(name: string, namespace: string, index: number, rest: string): string {
  return (
    '{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, ' +
    `metadata: {name: ${name}-${index}, namespace: ${namespace}, labels: {kubernetes.io/service-name: ${name}}}, ${rest}}`
  );
}
