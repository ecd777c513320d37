import { expect, test, vi } from 'vitest';
import { preview } from '../../src/agent/once.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

const SOON = { timeout: 25_000, interval: 20 };

/** A node whose operator wrote down its blocks, and another cluster with one block of each family. */
function nodeTold(blocks: string): Promise<RoutedNode> {
  const told = EAST_CLUSTER.replace('[10.11.1.0/24]', '[]').replace(
    '{name: e1, uid: e-1}',
    `{name: e1, uid: e-1, annotations: {causeway.dev/pod-cidrs: "${blocks}"}}`,
  );
  const west = remoteNode('west', 1, '10.21.1.0/24, "fd00:21:1::/64"', '172.31.1.41');
  return RoutedNode.start([told, remoteCluster('west'), west].join('---'));
}

test('where the network plugin has blocks of its own, the annotation of an operator says them', async () => {
  const node = await nodeTold('10.11.1.0/26,10.11.7.64/26');
  await node.ip('addr add 10.11.7.65/32 dev eth0');
  await node.agent().start();
  expect(node.routes()).toEqual(['10.21.1.0/24 via 172.31.1.41 dev causeway-vx src 10.11.7.65']);
  const throws = node.commands.network.routes.filter(({ type }) => type === 'throw').map(({ dst }) => dst);
  expect(throws.sort()).toEqual(['10.11.1.0/26', '10.11.7.64/26']);
  await vi.waitFor(() => expect(node.annotations()['causeway.dev/vtep-mac']).toMatch(/^02:/));
  expect(node.annotations()).toMatchObject({
    'causeway.dev/pod-cidrs': '10.11.1.0/26,10.11.7.64/26',
    'causeway.dev/pod-network-addresses': '10.11.7.65',
  });
});

test('a family of blocks in which the node has no address is left out, and the other is not', async () => {
  const node = await nodeTold('10.11.1.0/26,fd00:11:1::/64');
  await node.ip('addr add 10.11.1.7/32 dev eth0');
  const note = /^this host has no address in fd00:11:1::\/64, .*; until then pods in there /;
  expect(await preview(node.parts())).toContainEqual(expect.stringMatching(`^# ${note.source.slice(1)}`));
  await node.agent().start();
  expect(node.routes()).toEqual(['10.21.1.0/24 via 172.31.1.41 dev causeway-vx src 10.11.1.7']);
  const messages = node.log.map(line => JSON.parse(line).msg);
  expect(messages.filter(message => note.test(message))).toHaveLength(1);
});

test('the address that the network plugin gave is gone: nothing is taken away, and another one replaces it', async () => {
  const node = await nodeTold('10.11.1.0/26,fd00:11:1::/64');
  await node.ip('addr add 10.11.1.7/32 dev eth0');
  await node.ip('addr add fd00:11:1::7/128 dev eth0');
  const agent = node.agent();
  await agent.start();
  const ours = async (): Promise<unknown> => [...(await node.kernel.observe())];
  const before = await ours();
  expect(node.routes()).toHaveLength(2);
  const isLost = /^this host has lost 10\.11\.1\.7, .* name it by --source-address$/;
  const told = (): string[] =>
    node.log.map(line => JSON.parse(line).msg).filter(message => isLost.test(message));

  await node.ip('addr del 10.11.1.7/32 dev eth0');
  node.changed();
  await vi.waitFor(() => expect(told()).toHaveLength(1), SOON);
  const { ok } = agent.tally.passes;
  node.changed();
  await vi.waitFor(() => expect(agent.tally.passes.ok).toBeGreaterThan(ok), SOON);
  expect(await ours()).toEqual(before);

  await node.ip('addr add 10.11.1.9/32 dev eth0');
  const moved = node.routes().map(route => route.replace('10.11.1.7', '10.11.1.9'));
  node.changed();
  await vi.waitFor(() => expect(node.routes()).toEqual(moved), SOON);
  expect(told()).toHaveLength(1);
});
