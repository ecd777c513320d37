import { expect, test } from 'vitest';
import { objectsOf } from '../kit/mesh.ts';

const read = (metadata: string) => objectsOf(`{apiVersion: v1, kind: Namespace, metadata: {${metadata}}}`);

test('a Namespace is its name', () => {
  expect(read('name: shop, labels: {team: a}')).toEqual({
    objects: [{ kind: 'Namespace', name: 'shop' }],
    problems: [],
  });
});

test.each(['name: Shop', 'name: a.b', 'name: 7', ''])('{%s} names none', metadata => {
  const { objects, problems } = read(metadata);
  expect(objects).toEqual([]);
  expect(problems).toMatchObject([{ severity: 'error', field: 'metadata.name' }]);
});
