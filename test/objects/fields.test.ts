import { describe, expect, test } from 'vitest';
import { exportedServiceReader } from '../../src/objects/exported-service.ts';
import { remoteClusterReader } from '../../src/objects/remote-cluster.ts';
import { serviceReader } from '../../src/objects/service.ts';
import { readYaml } from '../kit/reading.ts';

describe('a required field that is missing is told by its name, as what it must be itself', () => {
  test.each([
    [
      'a name',
      serviceReader,
      '{apiVersion: v1, kind: Service, metadata: {namespace: shop}}',
      'metadata.name: found nothing: must be an RFC 1123 label (lower-case letters, digits and "-"; at most 63)',
    ],
    [
      'a number in a list',
      serviceReader,
      '{apiVersion: v1, kind: Service, metadata: {name: pay}, spec: {ports: [{name: http}]}}',
      'spec.ports[0].port: found nothing: must be a whole number 1–65535',
    ],
    [
      'a text',
      exportedServiceReader,
      '{metadata: {name: shop.pay, namespace: causeway-exports}, ' +
        'spec: {namespace: shop, name: pay, sharedAs: [ClusterSet], type: ClusterSetIP}}',
      'spec.cluster: found nothing: must be a cluster id (an RFC 1123 subdomain of at most 63)',
    ],
    [
      'a mapping',
      remoteClusterReader,
      '{metadata: {name: east}, spec: {}}',
      'spec.secretRef: found nothing: must be a mapping',
    ],
  ])('%s', (_, reader, text, expected) => {
    const { object, problems } = readYaml<unknown>(reader, text);
    expect(object).toBeUndefined();
    expect(problems.map(({ field, message }) => `${field}: ${message}`)).toEqual([expected]);
  });
});
