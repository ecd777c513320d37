import { expect, test, vi } from 'vitest';
import { cleanUp, preview } from '../../src/agent/once.ts';
import { VirtualClock } from '../kit/clock.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

const WORLD = [
  EAST_CLUSTER,
  remoteCluster('west'),
  remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41'),
  remoteNode('west', 2, '10.96.1.0/24', '172.31.1.42'),
].join('---');

const state = (node: RoutedNode): string =>
  JSON.stringify([node.commands.network, [...node.commands.network.devices]]);

test('a preview says what would be done, what is left out, and does nothing', async () => {
  const node = await RoutedNode.start(WORLD);
  const before = state(node);
  const lines = await preview(node.parts());
  expect(lines).toContain(
    'ip route replace unicast 10.21.1.0/24 via 172.31.1.41 dev causeway-vx onlink src 10.11.1.0 proto 205 metric 24 table 7795 mtu 1450',
  );
  expect(lines[0]).toBe(
    '# node n2 of west: Guarded: 10.96.1.0/24 overlaps 10.96.0.0/16, the services of this cluster; it is not routed',
  );
  expect(lines.at(-1)).toMatch(/^# \d\d operations for 2 nodes of other clusters; nothing was changed$/);
  expect(state(node)).toBe(before);
  expect(node.annotations()).toEqual({});
  expect(node.waits).toEqual([]);
});

test('a preview that takes long says what it waits for, once', async () => {
  const clock = new VirtualClock();
  const node = await RoutedNode.start(WORLD);
  node.api.faults.add('list', { status: 503 }, 1_000, { collection: 'causeway.dev/remotenodes' });
  const previewed = preview({ ...node.parts(), clock });
  await clock.advance(1_999);
  expect(node.waits).toEqual([]);
  await clock.advance(1);
  await clock.advance(10_000);
  expect(node.waits).toEqual([expect.stringMatching(/^waiting up to 15 s for http:\S+: \S/)]);
  node.api.faults.clear();
  expect((await previewed).at(-1)).toMatch(/; nothing was changed$/);
});

test.each([
  {
    name: 'the Node is not there',
    settings: { nodeName: 'nope' },
    why: 'there is no Node nope; --node-name says which one this is',
  },
  {
    name: 'the device is not there',
    settings: { overrides: { underlayDevice: 'nope0', underlayAddresses: [], sourceAddresses: [] } },
    why: 'this host has no device nope0, which --underlay-device names',
  },
])('a preview ends at once where all is read and $name', async ({ settings, why }) => {
  const node = await RoutedNode.start(WORLD);
  node.settings = { ...node.settings, ...settings };
  const previewed = preview({ ...node.parts(), clock: new VirtualClock() });
  await expect(previewed).rejects.toMatchObject({
    code: 'ROUTES_UNKNOWN',
    message: `no routes can be planned for this node: ${why}`,
  });
});

test('a preview where an agent has been has nothing to do', async () => {
  const node = await RoutedNode.start(WORLD);
  await node.agent().start();
  const lines = await preview(node.parts());
  expect(lines.filter(line => !line.startsWith('#'))).toEqual([]);
});

const LOOKED_FOR =
  '# looked for: devices causeway-vx, causeway-wg, causeway-detour, causeway-ipip; routing tables 7795 and 7796; rules of preference 90 ' +
  'and 91; nftables table causeway. What an agent with other settings made is found by those';

test('a clean-up removes what an agent left, says so, and leaves what is not ours', async () => {
  const node = await RoutedNode.start(WORLD);
  const agent = node.agent();
  const before = state(node);
  await agent.start();
  await agent.stop();
  const pretended = await cleanUp(node.parts(), true);
  expect(node.routes()).toHaveLength(1);
  const lines = await cleanUp(node.parts(), false);
  expect(lines.slice(0, -2)).toEqual(pretended.slice(0, -2));
  expect(lines).toContain('ip link del causeway-vx');
  expect(lines.at(-2)).toMatch(/^# \d+ operations; nothing of ours is left$/);
  expect(lines.at(-1)).toBe(LOOKED_FOR);
  expect(state(node)).toBe(before);
  expect(await cleanUp(node.parts(), false)).toEqual(['# nothing of ours is here', LOOKED_FOR]);
});

test('a clean-up removes what an agent left that was ended while it tried the kernel', async () => {
  const node = await RoutedNode.start(WORLD);
  const before = state(node);
  await node.ip('link add causeway-probe type ipip local 127.0.0.1');
  expect(await cleanUp(node.parts(), true)).toEqual([
    'ip link del causeway-probe',
    '# 0 operations; nothing was changed',
    LOOKED_FOR,
  ]);
  expect(state(node)).not.toBe(before);
  expect(await cleanUp(node.parts(), false)).toContain('ip link del causeway-probe');
  expect(state(node)).toBe(before);
});

test('a clean-up that the kernel refuses says what is left and why', async () => {
  const node = await RoutedNode.start(WORLD);
  const agent = node.agent();
  await agent.start();
  await agent.stop();
  const { run } = node.commands;
  node.commands.run = (program, args, input) =>
    input?.includes('link del')
      ? Promise.resolve({
          code: 1,
          output: '',
          errors: 'RTNETLINK answers: Device or resource busy\nCommand failed -:1',
        })
      : run.call(node.commands, program, args, input);
  await expect(cleanUp(node.parts(), false)).rejects.toThrow(/entries are left; .*Device or resource busy/);
});

test('BGP: a preview has the configuration of the daemon, and a clean-up ends it', async () => {
  const node = await RoutedNode.start(
    WORLD.replace('secretRef: {name: west},', 'secretRef: {name: west}, routingModes: [BGP],'),
  );
  const { bird } = node.commands;
  await node.ip('addr add 10.11.1.0/32 dev eth0');
  const before = state(node);
  expect(await preview(node.parts())).toContain('protocol bgp node_172_31_1_41 {');
  expect(bird.starts).toBe(0);
  const agent = node.agent();
  await agent.start();
  await vi.waitFor(() => expect(agent.speaking.sessions.map(({ state: is }) => is)).toEqual(['Established']));
  await agent.stop();
  expect(bird.text).toContain('neighbor 172.31.1.41');
  expect(await cleanUp(node.parts(), true)).toContain('# BIRD, the BGP daemon, ends, and its routes go');
  expect(bird.text).toContain('neighbor 172.31.1.41');
  const lines = await cleanUp(node.parts(), false);
  expect(lines).toContain('# BIRD, the BGP daemon, ends, and its routes go');
  expect(lines).toContain('ip rule del pref 91 lookup 7796');
  expect(bird.text).toBeUndefined();
  expect(state(node)).toBe(before);
});
