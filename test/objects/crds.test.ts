import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { RESOURCES } from '../../src/kube/resource.ts';
import { MOST_LISTED } from '../../src/objects/node-limits.ts';
import { type Crd, crdOf, faultsOf, type Schema, schemasIn, storedSchemaOf } from '../kit/crd-schema.ts';

const files = readdirSync(new URL('../../deploy/crds/', import.meta.url));
const plurals = files.filter(file => file !== 'kustomization.yaml').map(file => file.replace(/\.yaml$/, ''));
const crds = plurals.map(plural => crdOf(plural));
const ours = crds.filter(({ spec }) => spec.group === 'causeway.dev');

test('there is a definition for every kind that Kubernetes does not come with', () => {
  const groups = ['multicluster.x-k8s.io', 'about.k8s.io', 'causeway.dev'];
  const wanted = Object.values(RESOURCES).filter(({ group }) => groups.includes(group));
  expect(crds.map(identityOf).sort()).toEqual(
    wanted.map(resource => `${resource.plural} ${JSON.stringify(resource)}`).sort(),
  );
});

function identityOf({ metadata, spec }: Crd): string {
  const { group, scope, names, versions } = spec;
  expect(metadata.name).toBe(`${names.plural}.${group}`);
  const version = versions.find(({ storage }) => storage)?.name ?? '';
  const { plural, kind } = names;
  return `${plural} ${JSON.stringify({ group, version, plural, kind, namespaced: scope === 'Namespaced' })}`;
}

describe.each(['serviceexports', 'serviceimports', 'clusterproperties'])('%s', plural => {
  const { spec } = crdOf(plural);

  test('CoreDNS reads v1alpha1, the newer readers v1beta1: both are served, and alike', () => {
    const [old, current] = spec.versions;
    expect(spec.versions.map(({ name, served, storage }) => [name, served, storage])).toEqual([
      ['v1alpha1', true, false],
      ['v1beta1', true, true],
    ]);
    expect(old?.schema).toEqual(current?.schema);
    expect(old?.additionalPrinterColumns).toEqual(current?.additionalPrinterColumns);
  });
});

test('the names of the Multi-Cluster Services API are the standard’s', () => {
  const { serviceexports, serviceimports } = Object.fromEntries(
    plurals.map(plural => [plural, crdOf(plural)]),
  );
  expect(serviceexports?.spec.names.shortNames).toEqual(['svcex', 'svcexport']);
  expect(serviceimports?.spec.names.shortNames).toEqual(['svcim', 'svcimport']);
  for (const crd of [serviceexports, serviceimports]) {
    expect(crd?.metadata.labels).toEqual({
      'multicluster.x-k8s.io/release-version': 'v0.5.2',
      'multicluster.x-k8s.io/crd-schema-revision': '0',
    });
    expect(crd?.spec.versions.every(({ subresources }) => subresources?.status)).toBe(true);
  }
});

test('no short name is another kind’s: kubectl would take the other for it', () => {
  const taken = [
    'rc',
    'rs',
    'ep',
    'svc',
    'ns',
    'no',
    'po',
    'cm',
    'ds',
    'deploy',
    'sts',
    'sa',
    'ing',
    'netpol',
    'ev',
  ];
  const names = crds.flatMap(({ spec }) => spec.names.shortNames ?? []);
  expect(names.filter((name, index) => taken.includes(name) || names.indexOf(name) !== index)).toEqual([]);
});

describe.each(crds.map(crd => ({ name: crd.metadata.name, crd })))('$name', ({ crd }) => {
  const known = schemasIn(storedSchemaOf(crd)).map(({ path }) => path);

  test('every printed column is a field', () => {
    for (const { additionalPrinterColumns } of crd.spec.versions) {
      const columns = additionalPrinterColumns.map(({ jsonPath }) =>
        jsonPath.slice(1).replace(/\[[^\]]*\]/, '[]'),
      );
      expect(columns.filter(path => path !== 'metadata.creationTimestamp' && !known.includes(path))).toEqual(
        [],
      );
    }
  });
});

describe.each(ours.map(crd => ({ name: crd.metadata.name, crd })))('$name', ({ crd }) => {
  const parts = schemasIn(storedSchemaOf(crd)).filter(({ path }) => /^(spec|status)\b/.test(path));

  test('has a status of its own, and can be had with all of ours', () => {
    expect(crd.spec.versions.every(({ subresources }) => subresources?.status)).toBe(true);
    expect(crd.spec.names.categories).toEqual(['causeway']);
  });

  test('nobody can write a list, a mapping or a text without end, nor a number beyond reason', () => {
    expect(parts.filter(({ schema }) => isUnbounded(schema)).map(({ path }) => path)).toEqual([]);
  });

  test('a rule that refuses says what it wants', () => {
    const rules = parts.flatMap(({ schema }) => schema['x-kubernetes-validations'] ?? []);
    expect(rules.filter(({ message }) => !message)).toEqual([]);
  });
});

test.each(['addresses', 'podCIDRs', 'podNetworkAddresses'])(
  'a RemoteNode takes as many %s as are read',
  field => {
    const schema = schemasIn(storedSchemaOf(crdOf('remotenodes'))).find(
      ({ path }) => path === `spec.${field}`,
    );
    expect(schema?.schema.maxItems).toBe(MOST_LISTED);
  },
);

function isUnbounded(schema: Schema): boolean {
  if (schema.type === 'array') return schema.maxItems === undefined;
  if (schema.type === 'string') {
    return schema.maxLength === undefined && schema.enum === undefined && schema.format !== 'date-time';
  }
  if (schema.type === 'integer') return schema.minimum === undefined;
  return schema.additionalProperties !== undefined && schema.maxProperties === undefined;
}

const GOOD: Readonly<Record<string, string>> = {
  serviceexports: 'spec: {exportedLabels: {a: b}}',
  serviceimports: 'spec: {type: Headless, ports: []}',
  clusterproperties: 'spec: {value: east}',
  exportedservices:
    'spec: {cluster: east.eu, namespace: shop, name: payments, sharedAs: [ClusterSet], type: Headless}',
  remoteclusters: 'spec: {secretRef: {name: west}}',
  remotenodes: `spec: {cluster: west, nodeName: node-1.example, addresses: [192.0.2.1], podCIDRs: [10.1.0.0/24],
    vtepMAC: "0a:58:0a:01:00:01", wireguardPublicKey: "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
    wireguardNextPublicKey: "Fg0BFiC/mRPGoFNE52hyIM85FXS7ahPHrt/kGCiNvXg=", ready: true}`,
};

test.each(plurals)('%s: what is good is taken', plural => {
  expect(faultsOf(storedSchemaOf(crdOf(plural)), parse(GOOD[plural] ?? ''))).toEqual([]);
});

describe('what is at the edge is taken', () => {
  test.each([
    { plural: 'remoteclusters', spec: { overlayRoutingMode: 'Disabled', weight: 1000 } },
    {
      plural: 'remoteclusters',
      spec: { overlayRoutingMode: 'Enabled', weight: 0, namespaces: ['a'.repeat(63)] },
    },
    { plural: 'remoteclusters', spec: { secretRef: { name: 'a'.repeat(253), key: 'A_b-c.d' } } },
    { plural: 'serviceimports', spec: { type: 'ClusterSetIP', ips: ['10.0.0.1', 'fd00::1'] } },
    { plural: 'remotenodes', spec: { cluster: 'a.b', nodeName: 'a'.repeat(253), ready: false } },
  ])('$plural $spec', ({ plural, spec }) => {
    const object = parse(GOOD[plural] ?? '');
    Object.assign(object.spec, spec);
    expect(faultsOf(storedSchemaOf(crdOf(plural)), object)).toEqual([]);
  });
});

describe('nonsense is refused', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);
  const long = 'a'.repeat(64);

  test.each([
    { plural: 'serviceimports', field: 'spec.type', value: 'Gateway' },
    { plural: 'serviceimports', field: 'spec.ips', value: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] },
    { plural: 'serviceimports', field: 'status.endpointSliceObjects', value: 'Maybe' },
    { plural: 'serviceimports', field: 'spec.ports', value: [{ name: 'a' }] },
    { plural: 'clusterproperties', field: 'spec.value', value: '' },
    { plural: 'exportedservices', field: 'spec.cluster', value: 'East' },
    { plural: 'exportedservices', field: 'spec.cluster', value: long },
    { plural: 'exportedservices', field: 'spec.name', value: 'a.b' },
    { plural: 'exportedservices', field: 'spec.namespace', value: '../shop' },
    { plural: 'exportedservices', field: 'spec.sharedAs', value: [] },
    { plural: 'exportedservices', field: 'spec.sharedAs', value: ['Gateway'] },
    { plural: 'exportedservices', field: 'spec.exportedAt', value: 'yesterday' },
    { plural: 'exportedservices', field: 'spec.traffic.weight', value: 1001 },
    { plural: 'exportedservices', field: 'spec.traffic.weight', value: 0.5 },
    { plural: 'exportedservices', field: 'spec.traffic.ttl', value: -1 },
    {
      plural: 'exportedservices',
      field: 'spec.ports',
      value: [{ name: 'a', protocol: 'TCP', port: 65_536 }],
    },
    { plural: 'exportedservices', field: 'spec.ports', value: [{ name: 'A', protocol: 'TCP', port: 1 }] },
    { plural: 'exportedservices', field: 'spec.ports', value: [{ port: 1 }] },
    { plural: 'exportedservices', field: 'spec.labels', value: { a: 'b c' } },
    {
      plural: 'exportedservices',
      field: 'spec.labels',
      value: Object.fromEntries(many(65).map(key => [key, ''])),
    },
    { plural: 'exportedservices', field: 'spec.annotations', value: { a: 'a'.repeat(16_385) } },
    { plural: 'exportedservices', field: 'spec.loadBalancerIPs', value: many(33) },
    { plural: 'remoteclusters', field: 'spec.secretRef', value: {} },
    { plural: 'remoteclusters', field: 'spec.secretRef.key', value: 'a/b' },
    { plural: 'remoteclusters', field: 'spec.overlayRoutingMode', value: 'Auto' },
    { plural: 'remoteclusters', field: 'spec.namespaces', value: ['shop', 'shop'] },
    { plural: 'remoteclusters', field: 'spec.weight', value: '80' },
    { plural: 'remotenodes', field: 'spec.vtepMAC', value: '01:00:5e:00:00:01' },
    { plural: 'remotenodes', field: 'spec.wireguardPublicKey', value: 'secret' },
    { plural: 'remotenodes', field: 'spec.wireguardNextPublicKey', value: 'secret' },
    { plural: 'remotenodes', field: 'spec.ready', value: 'yes' },
  ])('$plural $field $value', ({ plural, field, value }) => {
    const object: unknown = parse(GOOD[plural] ?? '');
    put(object, field.split('.'), value);
    const faults = faultsOf(storedSchemaOf(crdOf(plural)), object);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.filter(fault => !fault.startsWith(field))).toEqual([]);
  });
});

function put(object: unknown, [step = '', ...rest]: readonly string[], value: unknown): void {
  const parent = Object(object);
  if (rest.length === 0) parent[step] = value;
  else {
    parent[step] ??= {};
    put(parent[step], rest, value);
  }
}
