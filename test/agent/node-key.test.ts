import { expect, test, vi } from 'vitest';
import { existingKeyIn, makeNextKey } from '../../src/kernel/private-key.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster } from '../kit/routed-node.ts';

const SOON = { timeout: 10_000, interval: 20 };
const CLEAR = remoteCluster('west');
const ENCRYPTED = remoteCluster('west', { spec: 'encryption: Preferred' });

async function started(yaml: string) {
  const node = await RoutedNode.start(`${EAST_CLUSTER}---${yaml}`);
  const agent = node.agent();
  await agent.start();
  await vi.waitFor(() => expect(node.annotations()['causeway.dev/underlay-mtu']).toBe('1500'), SOON);
  const kept = async (): Promise<string | undefined> =>
    (await existingKeyIn(node.settings.stateFolder))?.publicKey;
  const said = (name = 'wireguard-public-key'): string | undefined =>
    node.annotations()[`causeway.dev/${name}`];
  return { node, agent, kept, said };
}

test('a key is made when a cluster is to be encrypted for, and stays published when none is any more', async () => {
  const { node, kept, said } = await started(CLEAR);
  expect([await kept(), said()]).toEqual([undefined, undefined]);
  node.api.load(ENCRYPTED);
  await vi.waitFor(() => expect(said()).toMatch(/=$/), SOON);
  expect(said()).toBe(await kept());
  node.api.load(CLEAR);
  await vi.waitFor(() => expect(node.commands.network.devices.has('causeway-wg')).toBe(false), SOON);
  expect(said()).toBe(await kept());
});

test('the next key is published beside the present one, and said in the log', async () => {
  const { node, agent, kept, said } = await started(ENCRYPTED);
  await vi.waitFor(() => expect(said()).toMatch(/=$/), SOON);
  const next = await makeNextKey(node.settings.stateFolder);
  await vi.waitFor(() => expect(said('wireguard-next-public-key')).toBe(next.publicKey), SOON);
  expect(said()).toBe(await kept());
  expect(agent.tunnels.keyChange).toBe('announced');
  expect(node.log.join('')).toContain('"phase":"announced"');
});
