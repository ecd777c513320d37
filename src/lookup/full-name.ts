import { isLabel } from '../base/name.ts';
import { MAX_LABEL_LENGTH, MAX_NAME_LENGTH, wireLength } from '../wire/name.ts';

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

/**
 * Why there can be no such name, which completes "must …"; undefined: there can.
 *
 * @param name a whole one, in lower case, without a dot at its end
 * @param zone as for `fullName`
 */
export function faultOf(name: string, zone: string): string | undefined {
  const labels = name.split('.');
  if (labels.includes('')) return 'have something between its dots';
  if (labels.some(({ length }) => length > MAX_LABEL_LENGTH))
    return `have at most ${MAX_LABEL_LENGTH} characters between its dots`;
  // The length of the first label and that of the root are no characters.
  if (wireLength(labels) > MAX_NAME_LENGTH)
    return `be at most ${MAX_NAME_LENGTH - 2} characters with its zone`;
  const services = `.svc.${zone}`;
  if (!name.endsWith(services)) return undefined;
  const [namespace = '', service = namespace, ...before] = name
    .slice(0, -services.length)
    .split('.')
    .reverse();
  // Ports and their protocols begin with an underscore.
  const all = [namespace, service, ...before.map(label => label.replace(/^_/, ''))];
  return all.every(isLabel)
    ? undefined
    : 'be of letters, digits and hyphens, as Services and namespaces are named';
}
