import { afterEach, beforeEach, expect, test } from 'vitest';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { RESOURCES } from '../../../src/kube/resource.ts';
import { deployFiles } from '../../../src/operate/deploy-files.ts';
import { disableCluster } from '../../../src/operate/disable/disable.ts';
import { enableCluster } from '../../../src/operate/enable/enable.ts';
import type { Step } from '../../../src/operate/step.ts';
import { ApiServer } from '../../kit/api-server.ts';

const step: Step = (_, work) => work(() => {});
const operation = { step, signal: new AbortController().signal };

let server: ApiServer;
let client: HttpsApiClient;

beforeEach(async () => {
  server = await new ApiServer().start();
  client = new HttpsApiClient(server.connection());
});
afterEach(() => server.end());

async function enable(timeout: number) {
  const options = {
    ...{ clusterId: 'east', clusterset: undefined, serviceCidrs: [], podCidrs: [] },
    ...{ namespace: 'causeway-system', components: ['agent'] as const, podFamilies: 'ipv4' as const },
    ...{ image: undefined, answer: undefined, replaceDefinitions: false, dryRun: false, timeout },
  };
  return enableCluster({ context: 'east', client }, await deployFiles(), options, operation);
}

const OF_THE_AGENT = ['causeway-agent', 'causeway-pod-cidrs'];

/** What comes with the agent, but for what a namespace takes along. */
function leftOfTheAgent(): string[] {
  return Object.values(RESOURCES)
    .filter(({ namespaced }) => !namespaced)
    .flatMap(({ group, plural, kind }) =>
      server.store
        .list(`${group}/${plural}`)
        .flatMap(({ name }) => (OF_THE_AGENT.includes(name) ? [`${kind} ${name}`] : [])),
    );
}

test('enable waits until the agent is on every node', async () => {
  server.store.follow(({ collection, record, type }) => {
    if (collection !== 'apps/daemonsets' || type === 'DELETED') return;
    const daemonSet = JSON.parse(record.json);
    if (daemonSet.status !== undefined) return;
    const observedGeneration = daemonSet.metadata.generation;
    const counts = { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 };
    server.put({ ...daemonSet, status: { observedGeneration, ...counts } });
  });
  const { findings } = await enable(10_000);
  expect(findings.filter(({ check }) => check.startsWith('component.'))).toEqual([
    { check: 'component.agent', about: 'causeway-agent', verdict: 'good', found: '3 of 3 pods ready' },
  ]);
});

test('enable says where to look when it is not', async () => {
  const { findings } = await enable(100);
  expect(findings.find(({ check }) => check === 'component.agent')?.remedy).toContain(
    'kubectl -n causeway-agent describe pods',
  );
});

test('disable takes it away with all that it may, and says what stays on the nodes', async () => {
  await enable(0);
  expect(leftOfTheAgent().toSorted()).toEqual([
    'ClusterRole causeway-agent',
    'ClusterRoleBinding causeway-agent',
    'Namespace causeway-agent',
    'ValidatingAdmissionPolicy causeway-agent',
    'ValidatingAdmissionPolicy causeway-pod-cidrs',
    'ValidatingAdmissionPolicyBinding causeway-agent',
    'ValidatingAdmissionPolicyBinding causeway-pod-cidrs',
  ]);
  const options = { exports: false, dryRun: false, timeout: 1_000 };
  const { findings } = await disableCluster({ context: 'east', client }, options, operation);
  expect(leftOfTheAgent()).toEqual([]);
  expect(findings.find(({ check }) => check === 'stays.routes')?.remedy).toContain('causeway agent --clean');
});
