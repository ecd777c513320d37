import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { OwnNode } from '../../src/agent/cluster-view.ts';
import { Publisher } from '../../src/agent/publisher.ts';
import { HttpsApiClient } from '../../src/kube/https-client.ts';
import type { PublishedNode } from '../../src/objects/node-annotations.ts';
import { loggerTo } from '../../src/ops/log.ts';
import { VirtualClock } from '../kit/clock.ts';
import { EAST_CLUSTER, RoutedNode } from '../kit/routed-node.ts';

const E1: OwnNode = { kind: 'Node', name: 'e1', uid: 'e-1', addresses: [], podCIDRs: [], annotations: {} };
const SAID = { 'causeway.dev/underlay-mtu': '1400' };

/** A publisher that has heard this of the Node, whatever the API server holds. */
async function published(
  node: OwnNode | undefined,
  yaml = EAST_CLUSTER,
  says: () => PublishedNode = () => ({ mtu: 1400 }),
  nodes = 1,
) {
  const { api } = await RoutedNode.start(yaml);
  const clock = new VirtualClock();
  const log: string[] = [];
  const publisher = new Publisher({
    client: new HttpsApiClient(api.connection()),
    clock,
    random: () => 0.5,
    log: loggerTo({ write: line => log.push(line) }, 'info'),
    node: () => node,
    published: says,
    nodes: () => nodes,
  });
  onTestFinished(() => publisher.stop());
  publisher.news();
  await clock.advance(0);
  const annotations = () => api.store.get('/nodes', '', 'e1')?.metadata.annotations;
  return { api, clock, log, annotations, publisher };
}

test('says it, and takes back what is not said any more', async () => {
  const before = { 'causeway.dev/vtep-mac': '02:00:00:00:00:01' };
  const yaml = EAST_CLUSTER.replace('uid: e-1', `uid: e-1, annotations: ${JSON.stringify(before)}`);
  const { annotations } = await published({ ...E1, annotations: before }, yaml);
  await vi.waitFor(() => expect(annotations()).toEqual(SAID));
});

test.each([
  { row: 'nothing differs', node: { ...E1, annotations: SAID } },
  { row: 'the Node is not known', node: undefined },
])('writes nothing where $row', async ({ node }) => {
  const { api, publisher } = await published(node);
  await publisher.stop();
  expect(api.counts.merge).toBe(0);
});

test('says nothing of a machine that is gone on the Node that took its name, and tries again', async () => {
  const { api, annotations, clock, log } = await published({ ...E1, uid: 'another' });
  await vi.waitFor(() => expect(log.join('')).toContain('409'));
  expect(annotations()).toBeUndefined();
  await clock.advance(1_000);
  await vi.waitFor(() => expect(api.counts.merge).toBeGreaterThan(1));
  expect(annotations()).toBeUndefined();
});

describe('what nobody waits for', () => {
  const there = { ...E1, annotations: SAID };
  const routes = new Map([['west', { modes: { vxlan: 1 } }]]);
  const TEXT = { 'causeway.dev/routes': '{"west":{"modes":{"vxlan":1}}}' };

  test.each([
    { nodes: 3, before: 9_999 },
    { nodes: 5_000, before: 299_999 },
  ])('is written after a while, of $nodes nodes that all write', async ({ nodes, before }) => {
    const said = () => ({ mtu: 1400, routes });
    const { api, clock, annotations, publisher } = await published(there, EAST_CLUSTER, said, nodes);
    await clock.advance(before / 2);
    publisher.news();
    await clock.advance(before / 2);
    expect(api.counts.merge).toBe(0);
    await clock.advance(1);
    await vi.waitFor(() => expect(annotations()).toEqual(TEXT));
  });

  test('goes along with what is urgent', async () => {
    const { annotations } = await published(E1, EAST_CLUSTER, () => ({ mtu: 1400, routes }));
    await vi.waitFor(() => expect(annotations()).toEqual({ ...SAID, ...TEXT }));
  });

  test('is not written where it was so for a moment only, and the next waits as long', async () => {
    let said: PublishedNode = { mtu: 1400, routes };
    const { api, clock, publisher } = await published(there, EAST_CLUSTER, () => said);
    said = { mtu: 1400 };
    publisher.news();
    await clock.advance(20_000);
    said = { mtu: 1400, routes };
    publisher.news();
    await clock.advance(9_999);
    expect(api.counts.merge).toBe(0);
  });
});
