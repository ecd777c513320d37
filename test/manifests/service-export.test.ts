import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { appliedAnnotations, otherManagers, requestFaults } from '../../src/manifests/service-export.ts';

const NAMED = { namespace: 'shop', name: 'payments' };

describe('what is asked is read as it will be in the cluster', () => {
  test.each([
    { what: 'nothing', request: {} },
    {
      what: 'everything',
      request: {
        weight: '0',
        affinity: 'local',
        backends: 'endpoints',
        ttl: '3600',
        exportTo: 'region in (eu),!old',
      },
    },
    { what: 'an affinity in other letters', request: { affinity: 'Remote' } },
  ])('$what is fine', ({ request }) => {
    expect(requestFaults(NAMED, request)).toEqual([]);
  });

  test.each([
    { request: { weight: '1001' }, message: 'found "1001": must be a whole number from 0 to 1000' },
    { request: { weight: '-1' }, message: 'found "-1": must be a whole number from 0 to 1000' },
    { request: { affinity: 'near' }, message: 'found "near": must be one of "local", "remote", "none"' },
    {
      request: { backends: 'pods' },
      message: 'found "pods": must be one of "service", "loadbalancer", "endpoints"',
    },
    { request: { ttl: '1h' }, message: 'found "1h": must be a whole number from 0 to 3600' },
    {
      request: { exportTo: 'region in eu' },
      message: expect.stringMatching(/^the selector of clusters .*expected/),
    },
    { request: { exportTo: '' }, message: expect.stringMatching(/^the selector of clusters /) },
  ])('$request is not', ({ request, message }) => {
    const [asked] = Object.keys(request);
    expect(requestFaults(NAMED, request)).toEqual([{ asked, message }]);
  });
});

const OBJECT = parse(`
metadata:
  name: payments
  annotations: {causeway.dev/weight: '80', causeway.dev/ttl: '5', owner: somebody}
  managedFields:
    - manager: causeway-cli
      operation: Apply
      fieldsV1: {'f:metadata': {'f:annotations': {'f:causeway.dev/weight': {}, 'f:causeway.dev/affinity': {}}}}
    - manager: causeway-controller
      operation: Apply
      subresource: status
      fieldsV1: {'f:status': {}}
    - manager: argocd-controller
      operation: Apply
      fieldsV1: {'f:metadata': {'f:annotations': {'f:causeway.dev/ttl': {}}}}
    - manager: kubectl
      operation: Update
      fieldsV1: {'f:metadata': {'f:annotations': {'f:owner': {}}}}
`);

test('annotations that a manager has applied, as far as they are still there', () => {
  expect(appliedAnnotations(OBJECT, 'causeway-cli')).toEqual({ 'causeway.dev/weight': '80' });
  expect(appliedAnnotations(OBJECT, 'nobody')).toEqual({});
  expect(appliedAnnotations({ metadata: {} }, 'causeway-cli')).toEqual({});
  expect(appliedAnnotations(undefined, 'causeway-cli')).toEqual({});
});

test('who else has written an object', () => {
  expect(otherManagers(OBJECT, 'causeway-cli')).toEqual(['argocd-controller', 'kubectl']);
  expect(otherManagers({ metadata: {} }, 'causeway-cli')).toEqual([]);
});
