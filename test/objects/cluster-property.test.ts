import { expect, test } from 'vitest';
import { clusterPropertyReader } from '../../src/objects/cluster-property.ts';
import { readRaw } from '../kit/reading.ts';

const read = (name: unknown, value: unknown) =>
  readRaw(clusterPropertyReader, { metadata: { name }, spec: { value } });

test('a ClusterProperty is its name and its value', () => {
  expect(read('cluster.clusterset.k8s.io', 'east')).toEqual({
    object: { kind: 'ClusterProperty', name: 'cluster.clusterset.k8s.io', value: 'east' },
    problems: [],
  });
});

test.each([
  { row: 'no value', value: undefined },
  { row: 'an empty value', value: '' },
  { row: 'a number', value: 7 },
  { row: 'more than KEP-2149 lets in', value: 'a'.repeat(128_001) },
])('$row is refused', ({ value }) => {
  const { object, problems } = read('cluster.clusterset.k8s.io', value);
  expect(object).toBeUndefined();
  expect(problems).toMatchObject([{ severity: 'error', field: 'spec.value' }]);
});
