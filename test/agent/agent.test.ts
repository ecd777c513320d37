import { expect, test, vi } from 'vitest';
import { macOf } from '../../src/routes/mac.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

const SOON = { timeout: 10_000, interval: 20 };

const WEST = remoteCluster('west');
const WEST_1 = remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41');
const WEST_2 = remoteNode('west', 2, '10.21.2.0/24', '172.31.1.42');
const joined = (...yaml: string[]): string => [EAST_CLUSTER, ...yaml].join('---');

const TO_WEST_1 = '10.21.1.0/24 via 172.31.1.41 dev causeway-vx src 10.11.1.0';
const TO_WEST_2 = '10.21.2.0/24 via 172.31.1.42 dev causeway-vx src 10.11.1.0';

test('nodes of other clusters become routes, and the Node tells them how it is reached', async () => {
  const node = await RoutedNode.start(joined(WEST, WEST_1));
  const agent = node.agent();
  expect(agent.reasonAgainst).toBe('nothing has been read yet');
  await agent.start();
  expect(node.routes()).toEqual([TO_WEST_1]);
  expect(agent.reasonAgainst).toBeUndefined();
  await vi.waitFor(
    () =>
      expect(node.annotations()).toEqual({
        'causeway.dev/underlay-addresses': '172.31.1.11',
        'causeway.dev/underlay-mtu': '1500',
        'causeway.dev/vtep-mac': macOf('east', 'e-1'),
        'causeway.dev/pod-network-addresses': '10.11.1.0',
      }),
    SOON,
  );
  node.api.load(WEST_2);
  await vi.waitFor(() => expect(node.routes()).toEqual([TO_WEST_1, TO_WEST_2]), SOON);
  node.api.remove({ kind: 'RemoteNode', metadata: { name: 'west.n1' } });
  await vi.waitFor(() => expect(node.routes()).toEqual([TO_WEST_2]), SOON);
  node.api.remove({ kind: 'RemoteCluster', metadata: { name: 'west' } });
  await vi.waitFor(() => expect(node.routes()).toEqual([]), SOON);
});
