import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { accountToken, podToken } from '../bed/accounts.ts';
import type { Api } from '../bed/api.ts';
import type { Cluster } from '../bed/cluster.ts';
import { kubectl } from '../bed/kubectl.ts';
import { sharedBed } from '../bed/shared.ts';
import { waitFor } from '../kit/wait.ts';

/** What deploy/agent/node-policy.yaml lets a node and its agent change, by a real API server's word. */
const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'deploy/agent');
const account = { namespace: 'causeway-agent', name: 'causeway-agent' };

let cluster: Cluster;
let agent: Api;
let kubelet: Api;

/** What kubelets may do in every cluster; this one has no Node authorizer that would grant it. */
const kubelets = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'agent-permissions-nodes' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }],
};
/** Its network plugin has blocks of its own. */
const bare = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'bare' } };

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
  await cluster.admin.apply(kubelets);
  await cluster.admin.apply(bare);
  kubelet = cluster.api({ as: { user: 'system:node:bare', group: 'system:nodes' } });
  await untilRefused(agent, 'node-2', 'causeway.dev/try');
  await untilRefused(kubelet, 'bare', 'causeway.dev/pod-cidrs');
});

afterAll(async () => {
  agent?.close();
  kubelet?.close();
  await cluster.admin.delete(bare);
  await cluster.admin.delete(kubelets);
  await kubectl(cluster, ['delete', '--ignore-not-found', '-k', folder]);
});

const annotated = (key: string, value: string | null = 'yes') => ({
  metadata: { annotations: { [key]: value } },
});

/** API servers take a moment to follow a policy that is new, or a role. What is written until then is changed anew. */
async function untilRefused(who: Api, node: string, key: string): Promise<void> {
  let tries = 0;
  await waitFor(
    `the policy on ${key} holds`,
    () => {
      tries += 1;
      return patched(who, node, annotated(key, `${tries}`));
    },
    ({ status, body }) => status === 403 && `${body.message}`.includes('ValidatingAdmissionPolicy'),
    30_000,
  );
}

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

describe('refused to the node itself', () => {
  const claimed = annotated('causeway.dev/pod-cidrs', '10.0.0.0/12');
  const filled = { podCIDR: '10.0.0.0/12', podCIDRs: ['10.0.0.0/12'] };

  test.each([
    { what: 'which pods it has', patch: claimed },
    { what: 'which pods it has, by way of its status', patch: claimed, path: 'bare/status' },
    { what: 'that it has none', patch: annotated('causeway.dev/pod-cidrs', null) },
    { what: 'blocks in its spec', patch: { spec: filled } },
  ])('$what', async ({ patch, path = 'bare' }) => {
    await cluster.admin.merge(bare, annotated('causeway.dev/pod-cidrs', '10.200.1.0/24'));
    const { status, body } = await patched(kubelet, path, patch);
    expect(status).toBe(403);
    expect(body.message).toContain('which pods a Node has is not for a node to say');
  });

  test.each([
    { what: 'which pods it has', said: claimed.metadata },
    { what: 'blocks in its spec', said: {}, spec: filled },
  ])('to come into being with $what', async ({ said, spec = {} }) => {
    const object = { ...bare, metadata: { name: 'claiming', ...said }, spec };
    const { status, body } = await kubelet.request('POST', '/api/v1/nodes', object);
    await cluster.admin.delete({ ...bare, metadata: { name: 'claiming' } });
    expect(status).toBe(403);
    expect(body.message).toContain('which pods a Node has is not for a node to say');
  });
});

test('what a kubelet has to write it writes, whatever an operator wrote on its Node', async () => {
  const plain = { ...bare, metadata: { name: 'plain' } };
  onTestFinished(() => cluster.admin.delete(plain));
  expect((await kubelet.request('POST', '/api/v1/nodes', plain)).status).toBe(201);
  await cluster.admin.merge(plain, annotated('causeway.dev/pod-cidrs', '10.200.2.0/24'));
  const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }];
  const attach = annotated('volumes.kubernetes.io/controller-managed-attach-detach', 'true');
  expect((await patched(kubelet, 'plain/status', { status: { conditions } })).status).toBe(200);
  expect((await patched(kubelet, 'plain', attach)).status).toBe(200);
  await cluster.admin.merge(plain, { spec: { podCIDR: '10.200.2.0/24', podCIDRs: ['10.200.2.0/24'] } });
  expect((await patched(kubelet, 'plain/status', { status: { conditions } })).status).toBe(200);
});

test('nobody else is kept from anything', async () => {
  const { status } = await patched(cluster.admin, 'node-2', { metadata: { labels: { other: 'yes' } } });
  expect(status).toBe(200);
});

function patched(api: Api, node: string, patch: object) {
  return api.request('PATCH', `/api/v1/nodes/${node}`, patch, 'application/merge-patch+json');
}
