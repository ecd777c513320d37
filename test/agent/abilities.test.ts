import { beforeEach, describe, expect, test } from 'vitest';
import { Abilities } from '../../src/agent/abilities.ts';
import type { Wanted } from '../../src/kernel/keeper.ts';
import { MARKS, type Mode } from '../../src/routes/model.ts';
import { FakeCommands } from '../kit/kernel/fake-commands.ts';
import { EAST, policies } from '../kit/kernel/nodes.ts';

let commands: FakeCommands;
let missing: string[];
let abilities: Abilities;

beforeEach(() => {
  commands = new FakeCommands();
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
  const { run } = commands;
  commands.run = (program, args, input) =>
    args.join(' ').includes('add causeway-probe type ipip')
      ? Promise.resolve({ code: 2, output: '', errors: 'Error: Unknown device type.\n' })
      : run.call(commands, program, args, input);
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

test('a kernel that has it not is asked once, and it is said once', async () => {
  withoutIPIP();
  expect(await ipip()).toBe('this kernel has no IPIP devices');
  commands.run = () => Promise.reject(new Error('was asked again'));
  expect(await ipip()).toBe('this kernel has no IPIP devices');
  expect(missing).toEqual(['ipip: this kernel has no IPIP devices; the next way is taken']);
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

  test('one that the kernel makes by itself, and nobody uses, is no obstacle', async () => {
    await add('tunl0', false);
    expect(await ipip()).toBe(true);
  });
});
