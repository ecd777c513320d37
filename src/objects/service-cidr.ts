/** The blocks of a networking.k8s.io/v1 ServiceCIDR, as the API server has checked them. Undefined: it names none. */
export function serviceCIDRsIn(raw: { readonly [field: string]: unknown }): readonly string[] | undefined {
  const { cidrs } = Object(raw['spec']);
  return Array.isArray(cidrs) ? cidrs.filter(one => typeof one === 'string') : undefined;
}
