import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';

/** A structural schema (apiextensions.k8s.io/v1), as far as ours use it. */
export interface Schema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly default?: unknown;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  /** Left to the API server. */
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[];
}

export interface CrdVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly subresources?: { readonly status?: object };
  readonly additionalPrinterColumns: readonly { readonly name: string; readonly jsonPath: string }[];
  readonly schema: { readonly openAPIV3Schema: Schema };
}

export interface Crd {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced' | 'Cluster';
    readonly names: {
      readonly plural: string;
      readonly kind: string;
      readonly shortNames?: readonly string[];
      readonly categories?: readonly string[];
    };
    readonly versions: readonly CrdVersion[];
  };
}

/** `deploy/crds/<plural>.yaml`. */
export function crdOf(plural: string): Crd {
  return parse(readFileSync(new URL(`../../deploy/crds/${plural}.yaml`, import.meta.url), 'utf8'));
}

export function storedSchemaOf(crd: Crd): Schema {
  const stored = crd.spec.versions.find(({ storage }) => storage);
  if (stored === undefined) throw new Error(`${crd.metadata.name}: no version is stored`);
  return stored.schema.openAPIV3Schema;
}

const KEYWORDS = [
  ...['type', 'description', 'properties', 'required', 'additionalProperties', 'maxProperties', 'items'],
  ...['minItems', 'maxItems', 'enum', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'format'],
  ...['default', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-validations'],
];

/** A schema and all within it, with their paths: `spec.ports[].name`. A keyword that is not known here throws. */
export function schemasIn(schema: Schema, path = ''): { path: string; schema: Schema }[] {
  const unknown = Object.keys(schema).filter(keyword => !KEYWORDS.includes(keyword));
  if (unknown.length > 0) throw new Error(`${path}: ${unknown.join(', ')} is not looked at; add it`);
  const within = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    schemasIn(property, path === '' ? name : `${path}.${name}`),
  );
  return [
    { path, schema },
    ...within,
    ...(schema.items ? schemasIn(schema.items, `${path}[]`) : []),
    ...(schema.additionalProperties ? schemasIn(schema.additionalProperties, `${path}.*`) : []),
  ];
}

const TYPE_CHECKS: Readonly<Record<Schema['type'], (value: unknown) => boolean>> = {
  object: value => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: value => typeof value === 'string',
  integer: Number.isInteger,
  boolean: value => typeof value === 'boolean',
};

/** Why an API server would refuse a value, or prune a part of it; its CEL rules aside. */
export function faultsOf(schema: Schema, value: unknown, path = ''): string[] {
  if (!TYPE_CHECKS[schema.type](value)) return [`${path}: is no ${schema.type}`];
  if (typeof value === 'string') return stringFaults(schema, value).map(fault => `${path}: ${fault}`);
  if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    return value < minimum || value > maximum ? [`${path}: is not ${minimum}–${maximum}`] : [];
  }
  if (Array.isArray(value)) return listFaults(schema, value, path);
  return typeof value === 'object' && value !== null ? objectFaults(schema, value, path) : [];
}

function stringFaults(schema: Schema, value: string): string[] {
  const { minLength = 0, maxLength = Infinity, pattern, format } = schema;
  // OpenAPI counts characters, not UTF-16 units.
  const length = [...value].length;
  const found: string[] = [];
  if (length < minLength || length > maxLength) found.push(`has ${length} characters`);
  if (schema.enum && !schema.enum.includes(value)) found.push(`is none of ${schema.enum.join(', ')}`);
  if (pattern !== undefined && !new RegExp(pattern).test(value)) found.push(`does not match ${pattern}`);
  if (format === 'date-time' && Number.isNaN(Date.parse(value))) found.push('is no time');
  return found;
}

function listFaults(schema: Schema, value: readonly unknown[], path: string): string[] {
  const { minItems = 0, maxItems = Infinity, items } = schema;
  const keys = value.map(item => keyOf(schema, item));
  const repeated = keys.some((key, index) => key !== undefined && keys.indexOf(key) !== index);
  return [
    ...(value.length < minItems || value.length > maxItems ? [`${path}: has ${value.length} items`] : []),
    ...(repeated ? [`${path}: holds one item twice`] : []),
    ...(items ? value.flatMap((item, index) => faultsOf(items, item, `${path}[${index}]`)) : []),
  ];
}

/** What must differ between the items of a list; undefined: nothing. */
function keyOf(schema: Schema, item: unknown): string | undefined {
  if (schema['x-kubernetes-list-type'] === 'set') return JSON.stringify(item);
  const keys = schema['x-kubernetes-list-map-keys'];
  return keys && JSON.stringify(keys.map(key => Reflect.get(Object(item), key)));
}

function objectFaults(schema: Schema, value: object, path: string): string[] {
  const { properties = {}, required = [], additionalProperties, maxProperties = Infinity } = schema;
  const missing = required.filter(name => !Object.hasOwn(value, name));
  const open = schema.properties === undefined && additionalProperties === undefined;
  return [
    ...(Object.keys(value).length > maxProperties ? [`${path}: has too many entries`] : []),
    ...missing.map(name => `${path}.${name}: is missing`),
    ...Object.entries(value).flatMap(([name, held]) => {
      const within = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      if (within) return faultsOf(within, held, path === '' ? name : `${path}.${name}`);
      return open ? [] : [`${path}.${name}: is pruned`];
    }),
  ];
}

/** What is generated in the place of what the schema alone would allow, by path. */
export type Instead = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Values that the schema takes. With `full` everything that may be there is there. */
export function valuesOf(
  schema: Schema,
  instead: Instead = {},
  full = false,
  path = '',
): fc.Arbitrary<unknown> {
  const given = instead[path];
  if (given !== undefined) return given;
  const into = (within: Schema, step: string) => valuesOf(within, instead, full, `${path}${step}`);
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31 - 1 });
    case 'string':
      return stringsOf(schema);
    case 'array': {
      if (schema.items === undefined) throw new Error(`${path}: a list of what?`);
      const least = Math.max(schema.minItems ?? 0, full ? 1 : 0);
      const maxLength = Math.min(schema.maxItems ?? 5, 5);
      const selector = (item: unknown) => keyOf(schema, item) ?? Symbol('as good as any');
      return fc.uniqueArray(into(schema.items, '[]'), { minLength: least, maxLength, selector });
    }
    case 'object': {
      const { properties, required = [], additionalProperties } = schema;
      const keys = instead[`${path}{}`] ?? fc.string();
      if (additionalProperties) {
        return fc.dictionary(keys as fc.Arbitrary<string>, into(additionalProperties, '.*'), {
          maxKeys: 5,
          noNullPrototype: true,
        });
      }
      const fields = Object.entries(properties ?? {}).map(
        ([name, property]) => [name, into(property, path === '' ? name : `.${name}`)] as const,
      );
      return fc.record(Object.fromEntries(fields), {
        requiredKeys: full ? fields.map(([name]) => name) : [...required],
        noNullPrototype: true,
      });
    }
  }
}

function stringsOf({
  enum: values,
  pattern,
  format,
  minLength = 0,
  maxLength = 40,
}: Schema): fc.Arbitrary<string> {
  if (values) return fc.constantFrom(...values);
  if (format === 'date-time') {
    const [min, max] = [new Date('1970-01-01'), new Date('9999-12-31T23:59:59Z')];
    return fc.date({ min, max, noInvalidDate: true }).map(time => time.toISOString());
  }
  if (pattern === undefined) return fc.string({ minLength, maxLength: Math.min(maxLength, 200) });
  return fc
    .stringMatching(new RegExp(pattern))
    .filter(text => text.length >= minLength && text.length <= maxLength);
}
