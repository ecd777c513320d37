import { beforeEach, expect, test } from 'vitest';
import { findEngine } from '../../src/kernel/engine.ts';
import { IPIP } from '../../src/kernel/ipip.ts';
import { hasProbe, removeProbe, tryDevice } from '../../src/kernel/probe-device.ts';
import { MARKS } from '../../src/routes/model.ts';
import { FakeCommands } from '../kit/kernel/fake-commands.ts';

let commands: FakeCommands;

beforeEach(() => {
  commands = new FakeCommands();
});

/** A kernel that has WireGuard. */
function withWireGuard(): void {
  const { run } = commands;
  const known = (word: string): string => (word === 'wireguard' ? 'dummy' : word);
  commands.run = (program, args, input) => run.call(commands, program, args.map(known), input);
}

const leave = (): unknown => commands.run('ip', ['link', 'add', 'causeway-probe', 'type', 'dummy']);

const ABILITIES = [
  {
    what: 'IPIP',
    is: true,
    find: () => new IPIP(commands, MARKS.ipip.device).find(),
  },
  {
    what: 'WireGuard',
    is: 'kernel',
    find: () => findEngine(commands, MARKS.wireguard.device),
  },
];

test.each(ABILITIES)('$what is found, and nothing is left of the try', async ({ find, is }) => {
  withWireGuard();
  expect(await find()).toBe(is);
  expect([...commands.network.devices.keys()]).toEqual([]);
});

test.each(ABILITIES)('$what is found though somebody was ended while he tried', async ({ find, is }) => {
  withWireGuard();
  await leave();
  expect(await find()).toBe(is);
  expect([...commands.network.devices.keys()]).toEqual([]);
});

test('a type that the kernel has not is refused, and what was left goes all the same', async () => {
  await leave();
  expect(await tryDevice(commands, 'wireguard')).toMatchObject({ code: 1 });
  expect(await hasProbe(commands)).toBe(false);
});

test('what was left is seen and goes; where nothing was left, nothing happens', async () => {
  await leave();
  expect(await hasProbe(commands)).toBe(true);
  await removeProbe(commands);
  await removeProbe(commands);
  expect(await hasProbe(commands)).toBe(false);
});
