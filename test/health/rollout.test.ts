import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { deploymentFacts, rolloutOf } from '../../src/health/rollout.ts';
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
