import { isMapping } from '../objects/fields.ts';

/** A place in which two schemas are not the same. */
export interface Difference {
  /** `spec.secretRef.key` */
  readonly path: string;
  /** A field that only one of them has, or one that both have and say different things of. */
  readonly which: 'only ours' | 'only theirs' | 'changed';
}

/** Says nothing of what is allowed. */
const IGNORED = ['description'];

/**
 * Where two structural schemas (apiextensions.k8s.io/v1) differ. What is within a field that only one of them has is
 * not named again.
 */
export function compared(ours: unknown, theirs: unknown, path = ''): Difference[] {
  const [one, other] = [fieldsOf(ours), fieldsOf(theirs)];
  const names = [...new Set([...Object.keys(one.properties), ...Object.keys(other.properties)])].sort();
  const within = names.flatMap((name): Difference[] => {
    const at = path === '' ? name : `${path}.${name}`;
    if (!Object.hasOwn(other.properties, name)) return [{ path: at, which: 'only ours' }];
    if (!Object.hasOwn(one.properties, name)) return [{ path: at, which: 'only theirs' }];
    return compared(one.properties[name], other.properties[name], at);
  });
  const nested = [
    ['items', '[]'],
    ['additionalProperties', '.*'],
  ] as const;
  return [
    ...(sorted(one.rest) === sorted(other.rest)
      ? []
      : [{ path: path || 'the whole', which: 'changed' as const }]),
    ...within,
    ...nested.flatMap(([keyword, step]) => {
      const [own, foreign] = [one[keyword], other[keyword]];
      if (isMapping(own) || isMapping(foreign)) return compared(own, foreign, `${path}${step}`);
      return [];
    }),
  ];
}

function fieldsOf(schema: unknown) {
  const { properties, items, additionalProperties, ...rest } = isMapping(schema) ? schema : {};
  return {
    properties: isMapping(properties) ? properties : {},
    items,
    additionalProperties,
    rest: Object.fromEntries(Object.entries(rest).filter(([keyword]) => !IGNORED.includes(keyword))),
  };
}

/** Lists such as `required` and `enum` mean the same in every order. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, held: unknown) => {
    if (Array.isArray(held)) return held.every(one => typeof one === 'string') ? [...held].sort() : held;
    if (!isMapping(held)) return held;
    return Object.fromEntries(Object.entries(held).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
