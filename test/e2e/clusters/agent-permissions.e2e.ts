import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountToken, podToken } from '../bed/accounts.ts';
import type { Api } from '../bed/api.ts';
import type { Cluster } from '../bed/cluster.ts';
import { kubectl } from '../bed/kubectl.ts';
import { sharedBed } from '../bed/shared.ts';
import { waitFor } from '../kit/wait.ts';

/** What deploy/agent/node-policy.yaml lets the agent of a node change, by a real API server's word. */
const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'deploy/agent');
const account = { namespace: 'causeway-agent', name: 'causeway-agent' };

let cluster: Cluster;
let agent: Api;

beforeAll(async () => {
  cluster = (await sharedBed()).cluster('north');
  await kubectl(cluster, [
    'apply',
    '--server-side',
    '--validate=strict',
    '--warnings-as-errors',
    '-k',
    folder,
  ]);
  agent = cluster.api({ token: await podToken(cluster, account, 'node-1') });
  // API servers take a moment to follow a policy that is new.
  await waitFor(
    'the policy holds',
    () => patched(agent, 'node-2', { metadata: { annotations: { 'causeway.dev/try': 'it' } } }),
    seen => seen.status === 403,
    30_000,
  );
});

afterAll(async () => {
  agent?.close();
  await kubectl(cluster, ['delete', '--ignore-not-found', '-k', folder]);
});

const annotated = (key: string, value: string | null = 'yes') => ({
  metadata: { annotations: { [key]: value } },
});

test('its own Node, annotations of ours: written, changed and taken away', async () => {
  for (const value of ['02:00:5e:10:00:01', '02:00:5e:10:00:02', null])
    expect(await patched(agent, 'node-1', annotated('causeway.dev/vtep-mac', value))).toMatchObject({
      status: 200,
    });
});

describe('refused', () => {
  test.each([
    { what: 'the Node of another agent', node: 'node-2', patch: annotated('causeway.dev/vtep-mac') },
    { what: "somebody else's annotation", patch: annotated('projectcalico.org/IPv4Address') },
    { what: 'taking one away', patch: annotated('e2e.causeway.dev.example/keep', null) },
    { what: 'changing one', patch: annotated('e2e.causeway.dev.example/keep', 'other') },
    { what: 'which pods the node has', patch: annotated('causeway.dev/pod-cidrs', '10.200.1.0/24') },
    { what: 'a label', patch: { metadata: { labels: { 'causeway.dev/mine': 'yes' } } } },
    { what: 'taking a label away', patch: { metadata: { labels: { 'kubernetes.io/hostname': null } } } },
    { what: 'a taint', patch: { spec: { taints: [{ key: 'a', effect: 'NoExecute' }] } } },
    { what: 'taking itself out of scheduling', patch: { spec: { unschedulable: true } } },
    { what: 'a finalizer', patch: { metadata: { finalizers: ['causeway.dev/keep'] } } },
    {
      what: 'an owner',
      patch: {
        metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-2', uid: 'b' }] },
      },
    },
  ])('$what', async ({ node = 'node-1', patch }) => {
    const metadata = { name: 'node-1' };
    const keep = { metadata: { annotations: { 'e2e.causeway.dev.example/keep': 'as it is' } } };
    await cluster.admin.merge({ apiVersion: 'v1', kind: 'Node', metadata }, keep);
    const { status, body } = await patched(agent, node, patch);
    expect(status).toBe(403);
    expect(body.message).toContain('a routing agent may only change');
  });

  test('whatever it is, with a token that does not say on which node', async () => {
    const other = cluster.api({ token: await accountToken(cluster, account) });
    const { status } = await patched(other, 'node-1', annotated('causeway.dev/vtep-mac'));
    other.close();
    expect(status).toBe(403);
  });
});

test('nobody else is kept from anything', async () => {
  const { status } = await patched(cluster.admin, 'node-2', { metadata: { labels: { other: 'yes' } } });
  expect(status).toBe(200);
});

function patched(api: Api, node: string, patch: object) {
  return api.request('PATCH', `/api/v1/nodes/${node}`, patch, 'application/merge-patch+json');
}
