import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { daemonSetFacts, deploymentFacts, rolloutOf } from '../../src/health/rollout.ts';
import type { PodObject } from '../../src/objects/pod.ts';

const POD: PodObject = {
  kind: 'Pod',
  namespace: 'causeway-system',
  name: 'causeway-dns-1',
  labels: {},
  ready: false,
  image: 'causeway:0.1.0',
  restarts: 0,
  terminating: false,
};

test.each<{
  what: string;
  deployment: string;
  pods?: PodObject[];
  words?: [string, string][];
  done?: boolean;
  says: string;
}>([
  {
    what: 'all there',
    deployment: `
metadata: {generation: 2}
spec: {replicas: 2}
status: {observedGeneration: 2, updatedReplicas: 2, availableReplicas: 2}`,
    done: true,
    says: '2 of 2 pods ready',
  },
  {
    what: 'a change that nobody has seen yet',
    deployment: `
metadata: {generation: 3}
spec: {replicas: 2}
status: {observedGeneration: 2, updatedReplicas: 2, availableReplicas: 2}`,
    pods: [{ ...POD, ready: true }],
    says: '2 of 2 pods ready',
  },
  {
    what: 'the old ones are still there',
    deployment: `
metadata: {generation: 3}
spec: {replicas: 2}
status: {observedGeneration: 3, updatedReplicas: 1, availableReplicas: 2}`,
    pods: [
      { ...POD, ready: true },
      { ...POD, waiting: 'ContainerCreating' },
    ],
    says: '1 of 2 pods ready; causeway-dns-1: ContainerCreating',
  },
  {
    what: 'no status and no pod',
    deployment: 'metadata: {generation: 1}',
    says: '0 of 1 pods ready; no pod has been made yet',
  },
  {
    what: 'pods are refused',
    deployment: `
metadata: {generation: 1}
spec: {replicas: 2}
status:
  observedGeneration: 1
  conditions: [{type: ReplicaFailure, status: 'True', message: 'exceeded quota: small'}]`,
    says: '0 of 2 pods ready; exceeded quota: small',
  },
  {
    what: 'an image that is not to be had',
    deployment: `
metadata: {generation: 1}
spec: {replicas: 2}
status: {observedGeneration: 1, updatedReplicas: 2}`,
    pods: [{ ...POD, waiting: 'ImagePullBackOff: not found' }],
    says: '0 of 2 pods ready; causeway-dns-1: ImagePullBackOff: not found',
  },
  {
    what: 'a container that ends again and again says why',
    deployment: `
metadata: {generation: 1}
spec: {replicas: 1}
status: {observedGeneration: 1, updatedReplicas: 1}`,
    pods: [{ ...POD, waiting: 'CrashLoopBackOff' }],
    words: [['causeway-dns-1', 'no kubeconfig']],
    says: '0 of 1 pods ready; causeway-dns-1: CrashLoopBackOff: no kubeconfig',
  },
])('$what', ({ deployment, pods = [], words = [], done = false, says }) => {
  const facts = deploymentFacts(parse(deployment));
  expect(rolloutOf(facts, pods, new Map(words))).toEqual({ done, says });
});

test.each([
  {
    what: 'one on every node',
    daemonSet: `
metadata: {generation: 2}
status: {observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3}`,
    expected: { done: true, says: '3 of 3 pods ready' },
  },
  {
    what: 'a node that still has the old one',
    daemonSet: `
metadata: {generation: 2}
status: {observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 2, numberAvailable: 3}`,
    expected: { done: false, says: '2 of 3 pods ready' },
  },
  {
    what: 'a change that nobody has seen yet',
    daemonSet: `
metadata: {generation: 3}
status: {observedGeneration: 2, desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: 1}`,
    expected: { done: false, says: '1 of 1 pods ready' },
  },
  {
    what: 'a cluster without nodes',
    daemonSet: 'metadata: {generation: 1}\nstatus: {observedGeneration: 1, desiredNumberScheduled: 0}',
    expected: { done: true, says: '0 of 0 pods ready' },
  },
])('DaemonSet: $what', ({ daemonSet, expected }) => {
  expect(rolloutOf(daemonSetFacts(parse(daemonSet)), [{ ...POD, ready: true }], new Map())).toEqual(expected);
});

test('a DaemonSet that is not there', () => {
  expect(rolloutOf(daemonSetFacts(undefined), [], new Map())).toEqual({
    done: false,
    says: '0 of 1 pods ready; no pod has been made yet',
  });
});
