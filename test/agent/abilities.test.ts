import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Abilities } from '../../src/agent/abilities.ts';
import type { Wanted } from '../../src/kernel/keeper.ts';
import { MARKS, type Mode } from '../../src/routes/model.ts';
import { FakeCommands } from '../kit/kernel/fake-commands.ts';
import { EAST, policies } from '../kit/kernel/nodes.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

let commands: FakeCommands;
/** What the kernel answers to who adds a device to try it; undefined: it adds it. */
let refusal: string | undefined;
/** How often that was. */
let tries: number;
let missing: string[];
let abilities: Abilities;

beforeEach(() => {
  commands = new FakeCommands();
  const { run } = commands;
  commands.run = (program, args, input) => {
    const isTry = args.join(' ').includes('add causeway-probe type ipip');
    if (isTry) tries += 1;
    return isTry && refusal !== undefined
      ? Promise.resolve({ code: 2, output: '', errors: refusal })
      : run.call(commands, program, args, input);
  };
  refusal = undefined;
  tries = 0;
  missing = [];
  abilities = new Abilities(commands, MARKS, what => missing.push(what));
});

/** What is said of IPIP where the other cluster is to be reached this way. */
async function ipip(mode: Mode = 'ipip'): Promise<true | string | undefined> {
  const wanted: Wanted = {
    local: EAST,
    nodes: [],
    policies: policies({ west: [mode, 'vxlan'] }),
    synced: new Set(),
    released: new Set(),
  };
  return (await abilities.of(wanted)).local.ipip;
}

/** A kernel without such devices, as it answers. */
function withoutIPIP(): void {
  refusal = 'Error: Unknown device type.\n';
}

test('nobody wants it: nothing is found out', async () => {
  commands.run = () => Promise.reject(new Error('was asked'));
  expect(await ipip('vxlan')).toBeUndefined();
});

test('a kernel that has it is left as it was', async () => {
  expect(await ipip()).toBe(true);
  expect([...commands.network.devices.keys()]).toEqual([]);
  expect(missing).toEqual([]);
});

test('a kernel that has it not is tried once, and it is said once', async () => {
  withoutIPIP();
  expect(await ipip()).toBe('this kernel has no IPIP devices');
  expect(await ipip()).toBe('this kernel has no IPIP devices');
  expect(tries).toBe(1);
  expect(missing).toEqual(['ipip: this kernel has no IPIP devices; the next way is taken']);
});

test('a failure that may pass is none for ever', async () => {
  refusal = 'RTNETLINK answers: Cannot allocate memory';
  expect(await ipip()).toBe('this host makes no IPIP device: RTNETLINK answers: Cannot allocate memory');
  refusal = undefined;
  expect(await ipip()).toBe(true);
  expect(await ipip()).toBe(true);
  expect(tries).toBe(2);
});

test('where it cannot be seen which devices there are, nothing is concluded', async () => {
  commands.run = () => Promise.resolve({ code: 1, output: '', errors: 'Cannot open netlink socket' });
  await expect(ipip()).rejects.toMatchObject({ code: 'KERNEL_UNREADABLE' });
});

describe('a device that is there', () => {
  const add = async (name: string, up: boolean): Promise<void> => {
    await commands.run('ip', ['link', 'add', name, 'type', 'ipip', 'local', '172.31.1.11']);
    if (up) await commands.run('ip', ['link', 'set', name, 'up']);
  };

  test('ours is taken up', async () => {
    await add(MARKS.ipip.device, true);
    withoutIPIP();
    expect(await ipip()).toBe(true);
  });

  test('one of another in use is not robbed of its packets', async () => {
    await add('tunl0', true);
    // Nor by what an agent made before it came.
    await add(MARKS.ipip.device, true);
    expect(await ipip()).toBe('tunl0 of this host, which is not ours, takes these packets');
  });

  test('ours gives way to one that comes later, and comes back when that has gone', async () => {
    await add(MARKS.ipip.device, true);
    expect(await ipip()).toBe(true);
    await add('tunl0', true);
    const inTheWay = 'tunl0 of this host, which is not ours, takes these packets';
    expect([await ipip(), await ipip()]).toEqual([inTheWay, inTheWay]);
    expect(missing).toEqual([`ipip: ${inTheWay}; the next way is taken`]);
    await commands.run('ip', ['link', 'set', 'tunl0', 'down']);
    expect(await ipip()).toBe(true);
  });

  test('one that the kernel makes by itself, and nobody uses, is no obstacle', async () => {
    await add('tunl0', false);
    expect(await ipip()).toBe(true);
  });
});

test('the network plugin comes up after the agent: its packets are its own again, and routes take the next way', async () => {
  const SOON = { timeout: 25_000, interval: 20 };
  const west = remoteCluster('west', { spec: 'routingModes: [IPIP, VXLAN]' });
  const node = await RoutedNode.start(
    [EAST_CLUSTER, west, remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41')].join('---'),
  );
  await node.agent().start();
  const by = (device: string): string[] => [`10.21.1.0/24 via 172.31.1.41 dev ${device} src 10.11.1.0`];
  expect(node.routes()).toEqual(by('causeway-ipip'));
  await node.ip('link add tunl0 type ipip local 172.31.1.11');
  await node.ip('link set tunl0 up');
  node.changed();
  await vi.waitFor(() => expect(node.routes()).toEqual(by('causeway-vx')), SOON);
  await vi.waitFor(() => expect(node.commands.network.devices.has('causeway-ipip')).toBe(false), SOON);
  expect([...(await node.kernel.observe()).keys()].filter(key => key.includes('ipip4'))).toEqual([]);
  expect(node.commands.network.devices.has('tunl0')).toBe(true);
});
