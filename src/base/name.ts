/** A namespaced name as one map key: `namespace/name`. Neither part can hold a slash (RFC 1123 labels). */
export function objectKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** RFC 1123 label: what a namespace, an endpoint's hostname and each part of a cluster id look like. */
export function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text);
}

/**
 * A cluster id: an RFC 1123 subdomain (KEP-2149). It also has to fit a label value, because EndpointSlices carry it in
 * `multicluster.kubernetes.io/source-cluster`; that is where the 63 comes from.
 */
export function isClusterId(text: string): boolean {
  return text.length <= 63 && text.split('.').every(isLabel);
}
