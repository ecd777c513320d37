/**
 * The whole name that a person means. `payments.shop` is the service payments of namespace shop; a name that ends in
 * the zone, has a label `svc` or a dot at its end is taken as it is.
 *
 * @param zone in lower case, without a dot at its end
 * @returns in lower case, without a dot at its end; undefined: a service and its namespace are the least
 */
export function fullName(text: string, zone: string): string | undefined {
  const name = text.toLowerCase();
  if (name.endsWith('.')) return name.slice(0, -1) || undefined;
  if (name === zone || name.endsWith(`.${zone}`)) return name;
  const labels = name.split('.');
  if (labels.at(-1) === 'svc') return `${name}.${zone}`;
  if (labels.includes('svc')) return name;
  return labels.length < 2 ? undefined : `${name}.svc.${zone}`;
}
