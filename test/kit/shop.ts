/** How a Service of namespace shop deviates from an IPv4 one with port http. */
export interface ServiceText {
  readonly annotations?: string;
  readonly labels?: string;
  readonly spec?: string;
}

/** A Service of namespace shop. */
export function service(
  name: string,
  { annotations = '', labels = '', spec = '' }: ServiceText = {},
): string {
  const rest = spec === '' ? HTTP : spec;
  return (
    '{apiVersion: v1, kind: Service, ' +
    `metadata: {name: ${name}, namespace: shop, labels: {${labels}}, annotations: {${annotations}}}, spec: {${rest}}}\n`
  );
}

const HTTP = 'selector: {app: a}, clusterIP: 10.96.0.9, ipFamilies: [IPv4], ports: [{name: http, port: 80}]';

/** A slice of a Service of namespace shop: its endpoints as addresses, or as YAML where one is a mapping. */
export function slice(
  name: string,
  endpoints: readonly string[],
  ports = '{name: http, port: 8080}',
  suffix = 'x1',
): string {
  const family = endpoints.some(endpoint => endpoint.includes('fd')) ? 'IPv6' : 'IPv4';
  const written = endpoints.map(endpoint =>
    endpoint.startsWith('{') ? endpoint : `{addresses: ["${endpoint}"], conditions: {ready: true}}`,
  );
  return (
    `---\n{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: ${family}, ` +
    `metadata: {name: ${name}-${suffix}, namespace: shop, labels: {kubernetes.io/service-name: ${name}}}, ` +
    `ports: [${ports}], endpoints: [${written.join(', ')}]}\n`
  );
}

/** An endpoint that is not ready. */
export function down(address: string): string {
  return `{addresses: ["${address}"], conditions: {ready: false}}`;
}

export function serviceExport(name: string): string {
  return (
    '---\n{apiVersion: multicluster.x-k8s.io/v1beta1, kind: ServiceExport, ' +
    `metadata: {name: ${name}, namespace: shop}}\n`
  );
}
