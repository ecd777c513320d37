import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fingerprintOf, ownedKeyOf, statusFingerprintOf } from '../../src/desired/fingerprint.ts';
import type { OwnedKind } from '../../src/desired/model.ts';
import { TOOLS } from '../kit/plan.ts';

const { sha256 } = TOOLS;

function prints(kind: OwnedKind, ...texts: string[]): string[] {
  return texts.map(text => fingerprintOf(kind, parse(text), sha256));
}

const SERVICE =
  '{metadata: {labels: {causeway.dev/service-name: a}}, spec: {type: ClusterIP, ipFamilies: [IPv4], ';
const SLICE = '{metadata: {name: a}, addressType: IPv4, ';
const IMPORT = '{metadata: {labels: {team: blue}}, spec: {type: Headless, ports: [{port: 80}], ';

describe('one fingerprint for what says the same', () => {
  test.each<{ row: string; kind: OwnedKind; one: string; other: string }>([
    {
      row: 'the protocol of a Service port',
      kind: 'Service',
      one: `${SERVICE} ports: [{port: 80}]}}`,
      other: `${SERVICE} ports: [{port: 80, protocol: TCP, targetPort: 80, name: ""}]}}`,
    },
    {
      row: 'the order of Service ports, a map by protocol and number',
      kind: 'Service',
      one: `${SERVICE} ports: [{name: a, port: 1}, {name: b, port: 2}]}}`,
      other: `${SERVICE} ports: [{name: b, port: 2}, {name: a, port: 1}]}}`,
    },
    {
      row: 'session affinity and policies that were not asked for',
      kind: 'Service',
      one: `${SERVICE} ports: []}}`,
      other: `${SERVICE} ports: [], sessionAffinity: None, internalTrafficPolicy: Cluster, ipFamilyPolicy: SingleStack}}`,
    },
    {
      row: 'the time of session affinity',
      kind: 'Service',
      one: `${SERVICE} sessionAffinity: ClientIP}}`,
      other: `${SERVICE} sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10800}}}}`,
    },
    {
      row: 'what the API server adds to a Service',
      kind: 'Service',
      one: `${SERVICE} ports: []}}`,
      other: `${SERVICE} ports: [], clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1]}, status: {loadBalancer: {}}}`,
    },
    {
      row: 'name and protocol of a slice port',
      kind: 'EndpointSlice',
      one: `${SLICE} ports: [{port: 80}]}`,
      other: `${SLICE} ports: [{name: "", protocol: TCP, port: 80}]}`,
    },
    {
      row: 'the conditions of an endpoint',
      kind: 'EndpointSlice',
      one: `${SLICE} endpoints: [{addresses: [10.0.0.1]}]}`,
      other: `${SLICE} endpoints: [{addresses: [10.0.0.1], conditions: {ready: true, serving: true, terminating: false}}]}`,
    },
    {
      row: 'an empty slice as the API server prints it',
      kind: 'EndpointSlice',
      one: `${SLICE} endpoints: [], ports: []}`,
      other: `${SLICE} endpoints: null, ports: null}`,
    },
    {
      row: 'labels that somebody else put on a slice',
      kind: 'EndpointSlice',
      one: `${SLICE} endpoints: []}`,
      other: '{metadata: {labels: {example.com/seen: "1"}}, addressType: IPv4}',
    },
    {
      row: 'the order of keys, and what is empty',
      kind: 'ServiceImport',
      one: `${IMPORT} ips: [], ipFamilies: [IPv4]}}`,
      other:
        '{spec: {ipFamilies: [IPv4], ports: [{port: 80}], type: Headless}, metadata: {labels: {team: blue}}}',
    },
  ])('$row', ({ kind, one, other }) => {
    const [first, second] = prints(kind, one, other);
    expect(first).toBe(second);
  });
});

describe('another fingerprint for what says something else', () => {
  const endpoint = '{addresses: [10.0.0.1], hostname: a, nodeName: n, zone: z, conditions: {ready: true}}';
  test.each<{ row: string; kind: OwnedKind; texts: string[] }>([
    {
      row: 'Service',
      kind: 'Service',
      texts: [
        `${SERVICE} ports: [{port: 80}]}}`,
        `${SERVICE} ports: [{port: 81}]}}`,
        `${SERVICE} ports: [{port: 80, protocol: UDP}]}}`,
        `${SERVICE} ports: [{port: 80, name: http}]}}`,
        `${SERVICE} ports: [{port: 80, appProtocol: http}]}}`,
        `${SERVICE} ports: [{port: 80}], sessionAffinity: ClientIP}}`,
        `${SERVICE} ports: [{port: 80}], internalTrafficPolicy: Local}}`,
        `${SERVICE} ports: [{port: 80}], trafficDistribution: PreferClose}}`,
        `${SERVICE} ports: [{port: 80}], ipFamilyPolicy: PreferDualStack}}`,
        '{metadata: {labels: {causeway.dev/service-name: a}}, spec: {ipFamilies: [IPv6], ports: [{port: 80}]}}',
        '{metadata: {labels: {causeway.dev/service-name: b}}, spec: {ipFamilies: [IPv4], ports: [{port: 80}]}}',
      ],
    },
    {
      row: 'EndpointSlice',
      kind: 'EndpointSlice',
      texts: [
        `${SLICE} endpoints: [${endpoint}]}`,
        `${SLICE} endpoints: [${endpoint}, ${endpoint.replace('10.0.0.1', '10.0.0.2')}]}`,
        `${SLICE} endpoints: [${endpoint.replace('10.0.0.1', '10.0.0.2')}, ${endpoint}]}`,
        `${SLICE} endpoints: [${endpoint.replace('10.0.0.1', '10.0.0.1, 10.0.0.2')}]}`,
        `${SLICE} endpoints: [${endpoint.replace('hostname: a', 'hostname: b')}]}`,
        `${SLICE} endpoints: [${endpoint.replace('nodeName: n', 'nodeName: m')}]}`,
        `${SLICE} endpoints: [${endpoint.replace('zone: z', 'zone: y')}]}`,
        `${SLICE} endpoints: [${endpoint.replace('ready: true', 'ready: false')}]}`,
        `${SLICE} endpoints: [${endpoint.replace('ready: true', 'ready: true, serving: false')}]}`,
        `${SLICE} endpoints: [${endpoint.replace('ready: true', 'ready: true, terminating: true')}]}`,
        `${SLICE} endpoints: [${endpoint}], ports: [{port: 80}]}`,
        `${SLICE} endpoints: [${endpoint}], ports: [{port: 80, name: http}]}`,
        `${SLICE} endpoints: [${endpoint}], ports: [{port: 80, protocol: UDP}]}`,
        `{metadata: {labels: {kubernetes.io/service-name: a}}, addressType: IPv4, endpoints: [${endpoint}]}`,
        `{metadata: {annotations: {causeway.dev/mirror-of: a/b}}, addressType: IPv4, endpoints: [${endpoint}]}`,
      ],
    },
    {
      row: 'ServiceImport',
      kind: 'ServiceImport',
      texts: [
        `${IMPORT} ipFamilies: [IPv4]}}`,
        `${IMPORT} ipFamilies: [IPv4, IPv6]}}`,
        `${IMPORT} ipFamilies: [IPv6, IPv4]}}`,
        `${IMPORT} ipFamilies: [IPv4], ips: [10.0.0.1]}}`,
        '{metadata: {labels: {team: red}}, spec: {type: Headless, ports: [{port: 80}], ipFamilies: [IPv4]}}',
        '{metadata: {annotations: {team: blue}}, spec: {type: Headless, ports: [{port: 80}], ipFamilies: [IPv4]}}',
      ],
    },
    {
      row: 'ExportedService',
      kind: 'ExportedService',
      texts: [
        '{spec: {traffic: {weight: 0}}}',
        '{spec: {traffic: {weight: 1}}}',
        '{spec: {labels: {a: "0"}}}',
        '{spec: {}}',
      ],
    },
  ])('$row', ({ kind, texts }) => {
    const found = prints(kind, ...texts);
    expect(new Set(found).size).toBe(texts.length);
    for (const print of found) expect(print).toMatch(/^[0-9a-v]{26}$/);
  });
});

describe('the status', () => {
  const ready =
    '{type: Ready, status: "True", reason: Ready, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}';
  function statusPrint(text: string, kind: 'ServiceExport' | 'ServiceImport' = 'ServiceImport'): string {
    return statusFingerprintOf(kind, { status: parse(text) }, sha256);
  }

  test.each([
    { row: 'the time of a change', other: `{conditions: [${ready.replace('2026', '2025')}]}` },
    { row: 'a condition of others', other: `{conditions: [{type: Seen, status: "True"}, ${ready}]}` },
    { row: 'an empty list of clusters', other: `{conditions: [${ready}], clusters: []}` },
  ])('is the same but for $row', ({ other }) => {
    expect(statusPrint(other)).toBe(statusPrint(`{conditions: [${ready}]}`));
  });

  test('is the same for clusters in another order', () => {
    const [one, other] = ['a', 'b'].map(cluster => `{cluster: ${cluster}}`);
    expect(statusPrint(`{clusters: [${one}, ${other}]}`)).toBe(statusPrint(`{clusters: [${other}, ${one}]}`));
  });

  test('differs in everything else', () => {
    const conflict = ready.replace('type: Ready', 'type: Conflict');
    const found = [
      statusPrint(`{conditions: [${ready}]}`, 'ServiceExport'),
      statusPrint(`{conditions: [${ready}, ${conflict}]}`, 'ServiceExport'),
      statusPrint(`{conditions: [${ready.replace('"True"', '"False"')}]}`),
      statusPrint(`{conditions: [${ready.replace('reason: Ready', 'reason: Pending')}]}`),
      statusPrint(`{conditions: [${ready.replace('message: m', 'message: n')}]}`),
      statusPrint('{clusters: [{cluster: a}]}'),
      statusPrint('{endpointSliceObjects: Present}'),
      statusPrint('{endpointSliceObjects: Absent}'),
    ];
    expect(new Set(found).size).toBe(found.length);
  });
});

describe('the service that an object was written for', () => {
  const mine = 'app.kubernetes.io/managed-by: causeway, causeway.dev/service-name: payments';
  test.each<{ row: string; kind: OwnedKind; metadata: string; key: string | undefined }>([
    {
      row: 'in its own namespace',
      kind: 'Service',
      metadata: `namespace: shop, labels: {${mine}}`,
      key: 'shop/payments',
    },
    {
      row: 'elsewhere',
      kind: 'ExportedService',
      metadata: `namespace: causeway-exports, labels: {${mine}, causeway.dev/service-namespace: shop}`,
      key: 'shop/payments',
    },
    {
      row: 'an import, by its annotation',
      kind: 'ServiceImport',
      metadata: 'namespace: shop, name: payments, annotations: {app.kubernetes.io/managed-by: causeway}',
      key: 'shop/payments',
    },
    {
      row: "an import that only bears the exporter's labels",
      kind: 'ServiceImport',
      metadata: `namespace: shop, name: payments, labels: {${mine}}`,
      key: undefined,
    },
    {
      row: "another controller's",
      kind: 'EndpointSlice',
      metadata:
        'namespace: shop, labels: {app.kubernetes.io/managed-by: other, causeway.dev/service-name: payments}',
      key: undefined,
    },
    { row: 'without any label', kind: 'EndpointSlice', metadata: 'namespace: shop', key: undefined },
    {
      row: 'part of our own installation, but written for no service',
      kind: 'Service',
      metadata: 'namespace: causeway-system, labels: {app.kubernetes.io/managed-by: causeway}',
      key: undefined,
    },
  ])('$row', ({ kind, metadata, key }) => {
    expect(ownedKeyOf(kind, parse(`{metadata: {${metadata}}}`))).toBe(key);
  });
});
