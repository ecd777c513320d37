import { describe, expect, test } from 'vitest';
import { readExportedAnnotations, readExportedLabels, readLabels } from '../../src/objects/labels.ts';
import { Problems } from '../../src/objects/problem.ts';

type Texts = Readonly<Record<string, string>>;

function read(reader: typeof readLabels, given: Texts) {
  const problems = new Problems(() => 'the object');
  return { kept: reader(given, 'labels', problems), problems: problems.list() };
}

describe('labels that other clusters shall bear', () => {
  test.each([
    { team: 'shop' },
    { 'example.com/Team_1.a': 'A.b-c_D' },
    { empty: '' },
    { 'app.kubernetes.io/name': 'payments' },
    { 'x-k8s.io/tier': '1' },
    { [`${'a'.repeat(253)}/${'b'.repeat(63)}`]: 'c'.repeat(63) },
  ])('%j is kept', given => {
    expect(read(readExportedLabels, given as Texts)).toEqual({ kept: given, problems: [] });
  });

  test.each([
    { key: '', value: 'a', found: 'key of a label' },
    { key: 'a b', value: 'a', found: 'key of a label' },
    { key: '/a', value: 'a', found: 'key of a label' },
    { key: 'a/b/c', value: 'a', found: 'key of a label' },
    { key: 'Example.com/a', value: 'a', found: 'key of a label' },
    { key: 'a'.repeat(64), value: 'a', found: 'key of a label' },
    { key: '__proto__', value: 'a', found: 'key of a label' },
    { key: 'a', value: 'b c', found: 'value of a label' },
    { key: 'a', value: 'b'.repeat(64), found: 'value of a label' },
    { key: 'kubernetes.io/service-name', value: 'api', found: 'domain kubernetes.io' },
    { key: 'service.kubernetes.io/headless', value: '', found: 'domain service.kubernetes.io' },
    {
      key: 'multicluster.kubernetes.io/source-cluster',
      value: 'a',
      found: 'kept for Kubernetes and Causeway',
    },
    { key: 'endpointslice.kubernetes.io/managed-by', value: 'a', found: 'kept for Kubernetes and Causeway' },
    { key: 'node.k8s.io/a', value: 'a', found: 'domain node.k8s.io' },
    { key: 'causeway.dev/traffic', value: 'a', found: 'domain causeway.dev' },
    { key: 'app.kubernetes.io/managed-by', value: 'causeway', found: 'domain app.kubernetes.io' },
  ])('"$key: $value" is left out', ({ key, value, found }) => {
    const given = Object.fromEntries([
      [key, value],
      ['team', 'shop'],
    ]);
    const { kept, problems } = read(readExportedLabels, given);
    expect(kept).toEqual({ team: 'shop' });
    expect(problems).toMatchObject([{ severity: 'warning', message: expect.stringContaining(found) }]);
  });

  test('a domain that only ends like a reserved one is anybody’s', () => {
    const given = { 'notkubernetes.io/a': 'b' };
    expect(read(readExportedLabels, given).kept).toEqual(given);
  });

  test('of more than 64 the first by name are kept, in whatever order they come', () => {
    const entries = Array.from(
      { length: 70 },
      (_, index) => [`l${String(index).padStart(2, '0')}`, 'a'] as const,
    );
    const { kept, problems } = read(readExportedLabels, Object.fromEntries(entries.toReversed()));
    expect(Object.keys(kept)).toEqual(entries.slice(0, 64).map(([key]) => key));
    expect(problems).toHaveLength(6);
  });
});

test('labels that are only selected by may be of any domain', () => {
  const given = { 'kubernetes.io/cluster-service': 'true' };
  expect(read(readLabels, given)).toEqual({ kept: given, problems: [] });
});

describe('annotations that other clusters shall bear', () => {
  test('values may be any text, keys of any case', () => {
    const given = { 'Example.com/Owner': 'a b\n{"c": 😀}', note: '' };
    expect(read(readExportedAnnotations, given)).toEqual({ kept: given, problems: [] });
  });

  test.each(['Causeway.dev/traffic', 'kubectl.kubernetes.io/last-applied-configuration', 'a b'])(
    '%s is left out',
    key => {
      const { kept, problems } = read(readExportedAnnotations, { [key]: 'a' });
      expect(kept).toEqual({});
      expect(problems).toMatchObject([{ severity: 'warning' }]);
    },
  );

  test('together they have at most 16,384 characters; those that still fit are kept', () => {
    const given = { a: 'x'.repeat(10_000), b: 'x'.repeat(10_000), c: 'x'.repeat(6_000) };
    const { kept, problems } = read(readExportedAnnotations, given);
    expect(Object.keys(kept)).toEqual(['a', 'c']);
    expect(problems).toMatchObject([{ field: 'labels["b"]', message: expect.stringContaining('16384') }]);
  });
});
