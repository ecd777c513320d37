import { expect, test } from 'vitest';
import { definitions } from '../../src/diagnose/definitions.ts';
import { clusterOf, factsOf, said } from '../kit/diagnose-facts.ts';
import { objects } from '../kit/diagnose-running.ts';

const shipped = (schema: string) => `
metadata: {name: remoteclusters.causeway.dev}
spec:
  group: causeway.dev
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema: {openAPIV3Schema: ${schema}}
`;
const ESTABLISHED = `status: {conditions: [{type: Established, status: 'True'}]}`;
const SCHEMA =
  '{type: object, description: Says what it is., required: [spec], properties: {spec: {type: object, properties: {weight: {type: integer, maximum: 1000}, names: {type: array, items: {type: object, properties: {first: {type: string}}}}}}}}';

function linesOf(there: string, own = shipped(SCHEMA)): string[] {
  const cluster = clusterOf({ objects: { definitions: objects(there) } });
  return said(definitions, { ...factsOf(cluster), definitions: objects(own).value });
}

test('the definition of this very version', () => {
  const otherOrder = SCHEMA.replace('type: object, description: Says what it is., ', 'type: object, ');
  for (const schema of [SCHEMA, otherOrder]) {
    expect(linesOf(shipped(schema) + ESTABLISHED)).toEqual([
      '✓ crd.present east: remoteclusters.causeway.dev serves v1alpha1',
      '✓ crd.established east: remoteclusters.causeway.dev is served',
      '✓ crd.schema east: remoteclusters.causeway.dev is the one of this program',
    ]);
  }
});

test('none at all', () => {
  expect(
    linesOf('{metadata: {name: crontabs.example.com}, spec: {group: example.com, versions: []}}'),
  ).toEqual(['✗ crd.present east: there is no CustomResourceDefinition remoteclusters.causeway.dev']);
});

test.each([
  {
    case: 'without a field that we have: older',
    schema: SCHEMA.replace('weight: {type: integer, maximum: 1000}, ', ''),
    line: '✗ crd.schema east: remoteclusters.causeway.dev is older than this program: it lacks spec.weight',
  },
  {
    case: 'with a field more, deep within: newer',
    schema: SCHEMA.replace('first: {type: string}', 'first: {type: string}, last: {type: string}'),
    line: '⚠ crd.schema east: remoteclusters.causeway.dev is newer than this program: it also has spec.names[].last',
  },
  {
    case: 'with another limit: who knows',
    schema: SCHEMA.replace('maximum: 1000', 'maximum: 100'),
    line: '⚠ crd.schema east: remoteclusters.causeway.dev is not the one of this program: it differs in spec.weight',
  },
  {
    case: 'with other fields: who knows',
    schema: SCHEMA.replace('weight: ', 'share: ').replace('required: [spec]', 'required: []'),
    line: '⚠ crd.schema east: remoteclusters.causeway.dev is not the one of this program: it differs in the whole, spec.share, spec.weight',
  },
])('one $case', ({ schema, line }) => {
  expect(linesOf(shipped(schema) + ESTABLISHED)[2]).toBe(line);
});

test('of kinds that others bring along as well, a difference is a warning', () => {
  const foreign = (text: string) =>
    text.replaceAll('remoteclusters.causeway.dev', 'a.k8s.io').replaceAll('causeway.dev', 'k8s.io');
  const older = shipped(SCHEMA.replace('weight: {type: integer, maximum: 1000}, ', '')) + ESTABLISHED;
  expect(linesOf(foreign(older), foreign(shipped(SCHEMA)))[2]).toBe(
    '⚠ crd.schema east: a.k8s.io is not the one of this program: it differs in spec.weight',
  );
});

test('a version that is not served', () => {
  expect(linesOf(shipped(SCHEMA).replace('v1alpha1', 'v1alpha0') + ESTABLISHED)[0]).toBe(
    '✗ crd.present east: remoteclusters.causeway.dev does not serve v1alpha1',
  );
});

test('names that another definition has', () => {
  const status = `status: {conditions: [{type: Established, status: 'False', message: ''}, {type: NamesAccepted, status: 'False', message: '"rcl" is already in use'}]}`;
  expect(linesOf(shipped(SCHEMA) + status)[1]).toBe(
    '✗ crd.established east: remoteclusters.causeway.dev is not served: "rcl" is already in use',
  );
});

test('definitions that cannot be listed', () => {
  const cluster = clusterOf({ objects: { definitions: { unknown: 'forbidden' } } });
  expect(said(definitions, factsOf(cluster))).toEqual(['? crd.present east: forbidden']);
});
