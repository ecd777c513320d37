import { describe, expect, test } from 'vitest';
import { parseLabelSelector } from '../../src/base/selector/kubernetes.ts';
import { objectsOf } from '../kit/mesh.ts';

function read(metadata: string, spec = '', version = 'v1beta1') {
  const { objects, problems } = objectsOf(
    `{apiVersion: multicluster.x-k8s.io/${version}, kind: ServiceExport, ` +
      `metadata: {name: payments, namespace: shop, ${metadata}}, spec: {${spec}}}`,
  );
  return { request: objects[0], problems };
}

test.each(['v1alpha1', 'v1beta1'])('%s is read, what is not set stays absent', version => {
  expect(read('', '', version)).toEqual({
    request: {
      kind: 'ServiceExport',
      namespace: 'shop',
      name: 'payments',
      exportedLabels: {},
      exportedAnnotations: {},
      traffic: {},
    },
    problems: [],
  });
});

test('B17 exported labels and annotations come from the spec alone', () => {
  const { request } = read(
    'labels: {own: "1"}, annotations: {own: "1"}',
    'exportedLabels: {team: shop}, exportedAnnotations: {owner: "42"}',
  );
  expect(request).toMatchObject({ exportedLabels: { team: 'shop' }, exportedAnnotations: { owner: '42' } });
  expect(request).not.toHaveProperty('exportedLabels.own');
});

test('an exported label that is no text refuses the object', () => {
  const { request, problems } = read('', 'exportedLabels: {team: 42}');
  expect(request).toBeUndefined();
  expect(problems).toMatchObject([{ severity: 'error', field: 'spec.exportedLabels.team' }]);
});

test('an exported label that no API server takes, or that is kept for Kubernetes, is left out', () => {
  const { request, problems } = read(
    '',
    'exportedLabels: {team: shop, "a b": c, kubernetes.io/service-name: api}',
  );
  expect(request).toMatchObject({ exportedLabels: { team: 'shop' } });
  expect(problems).toMatchObject([
    { severity: 'warning', field: 'spec.exportedLabels["a b"]' },
    { severity: 'warning', field: 'spec.exportedLabels["kubernetes.io/service-name"]' },
  ]);
});

describe('causeway.dev/export-to restricts the export, whatever is written there', () => {
  test.each([
    { row: 'kept as written', text: '" region in (eu) "', gives: ' region in (eu) ' },
    { row: 'nonsense as well', text: '"=="', gives: '==' },
    { row: 'empty', text: '""', gives: '' },
  ])('$row', ({ text, gives }) => {
    const { request, problems } = read(`annotations: {causeway.dev/export-to: ${text}}`);
    expect(request).toHaveProperty('exportTo', gives);
    expect(problems).toEqual([]);
  });

  test.each(['7', 'null', '[region]'])('%s is no text, and selects no cluster', text => {
    const { request, problems } = read(`annotations: {causeway.dev/export-to: ${text}}`);
    expect(request).toHaveProperty('exportTo', '');
    const field = 'metadata.annotations["causeway.dev/export-to"]';
    expect(problems).toMatchObject([{ severity: 'warning', field }]);
  });

  test('one that is too long is not kept in full, and stays too long', () => {
    const { request } = read(`annotations: {causeway.dev/export-to: ${'a'.repeat(100_000)}}`);
    const { exportTo = '' } = request?.kind === 'ServiceExport' ? request : {};
    expect(exportTo.length).toBeLessThan(5_000);
    expect(parseLabelSelector(exportTo)).toHaveProperty('fault');
  });
});

describe('creation time', () => {
  test.each([
    { text: '"2026-01-01T00:00:00Z"', gives: 1_767_225_600_000 },
    { text: '"2026-01-01T01:00:00+01:00"', gives: 1_767_225_600_000 },
    { text: '"2026-01-01T00:00:00.250Z"', gives: 1_767_225_600_250 },
    { text: '"2024-02-29T00:00:00Z"', gives: 1_709_164_800_000 },
    { text: '2026-01-01T00:00:00Z', gives: 1_767_225_600_000 },
  ])('$text', ({ text, gives }) => {
    const { request, problems } = read(`creationTimestamp: ${text}`);
    expect(request).toHaveProperty('createdAt', gives);
    expect(problems).toEqual([]);
  });

  test('null, as generators write it, is absent', () => {
    const { request, problems } = read('creationTimestamp: null');
    expect(request).not.toHaveProperty('createdAt');
    expect(problems).toEqual([]);
  });

  test.each([
    'yesterday',
    '"2026-01-01"',
    '"2026-02-30T00:00:00Z"',
    '"2026-13-01T00:00:00Z"',
    '"2026-01-01T25:00:00Z"',
    '"2026-01-01T00:00:00"',
    '"Thu, 01 Jan 2026 00:00:00 GMT"',
    '1767225600',
    '[]',
  ])('%s is a warning, and the export counts as youngest', text => {
    const { request, problems } = read(`creationTimestamp: ${text}`);
    expect(request).toMatchObject({ name: 'payments' });
    expect(request).not.toHaveProperty('createdAt');
    expect(problems).toMatchObject([{ severity: 'warning', field: 'metadata.creationTimestamp' }]);
  });
});
