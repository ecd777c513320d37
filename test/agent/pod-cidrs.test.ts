import { expect, test, vi } from 'vitest';
import { preview } from '../../src/agent/once.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

test('where the network plugin has blocks of its own, the annotation of an operator says them', async () => {
  const told = EAST_CLUSTER.replace('[10.11.1.0/24]', '[]').replace(
    '{name: e1, uid: e-1}',
    '{name: e1, uid: e-1, annotations: {causeway.dev/pod-cidrs: "10.11.1.0/26,10.11.7.64/26"}}',
  );
  const node = await RoutedNode.start(
    [told, remoteCluster('west'), remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41')].join('---'),
  );
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
  const told = EAST_CLUSTER.replace('[10.11.1.0/24]', '[]').replace(
    '{name: e1, uid: e-1}',
    '{name: e1, uid: e-1, annotations: {causeway.dev/pod-cidrs: "10.11.1.0/26,fd00:11:1::/64"}}',
  );
  const node = await RoutedNode.start(
    [told, remoteCluster('west'), remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41')].join('---'),
  );
  await node.ip('addr add 10.11.1.7/32 dev eth0');
  const note = /^this host has no address in fd00:11:1::\/64, .*; until then pods in there /;
  expect(await preview(node.parts())).toContainEqual(expect.stringMatching(`^# ${note.source.slice(1)}`));
  await node.agent().start();
  expect(node.routes()).toEqual(['10.21.1.0/24 via 172.31.1.41 dev causeway-vx src 10.11.1.7']);
  const messages = node.log.map(line => JSON.parse(line).msg);
  expect(messages.filter(message => note.test(message))).toHaveLength(1);
});
