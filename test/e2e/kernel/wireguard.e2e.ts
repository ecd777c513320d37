import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Encryption } from '../../../src/objects/shapes.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { staysFor, waitFor } from '../kit/wait.ts';
import { Lab, type LabNode } from './lab.ts';
import { Wire } from './wire.ts';

const { device } = MARKS.wireguard;
const LONG = 180_000;

let lab: Lab;
let wire: Wire;

async function labWith(encryption: Encryption): Promise<void> {
  lab = await Lab.of(['vxlan'], { routed: true, encryption });
  wire = await Wire.between(lab);
}

async function everyPair(family: 'IPv4' | 'IPv6'): Promise<void> {
  const wanted = lab.everyPair(family);
  expect(wanted).toHaveLength(16);
  await waitFor(
    `every pod sees every other as itself (${family})`,
    async () => (await lab.ask(family)).filter(seen => !wanted.includes(seen)),
    wrong => wrong.length === 0,
    60_000,
  );
}

/** The device that a node sends by to the pod of another. */
async function deviceTo(from: LabNode, to: LabNode): Promise<string> {
  const { output } = await from.node.commands.run('ip', ['route', 'get', to.podAddresses.IPv4]);
  return / dev (\S+)/.exec(output)?.[1] ?? 'none';
}

const both = async (): Promise<string> =>
  `${await deviceTo(lab.here, lab.there)} ${await deviceTo(lab.there, lab.here)}`;

const bothBy = (name: string, limit = 60_000): Promise<string> =>
  waitFor(`both ways by ${name}`, both, seen => seen === `${name} ${name}`, limit);

const stream = (seconds: number, size = 0): ReturnType<Wire['stream']> =>
  wire.stream(lab.here, lab.there, seconds, size);

async function answers(): Promise<boolean> {
  const { here, there } = lab;
  const seen = await lab.inside(here.pod, 'pod.ts', 'ask', there.podAddresses.IPv4);
  return seen.includes(here.podAddresses.IPv4);
}

describe('two clusters that prefer encryption', () => {
  beforeAll(() => labWith('Preferred'), LONG);
  afterAll(() => lab.remove());

  test('16 of 16 pairs in both families, seen with their own addresses, all of it encrypted', async () => {
    await bothBy(device);
    for (const node of lab.nodes)
      for (const other of lab.nodes)
        if (node.cluster !== other.cluster)
          await waitFor(
            'by WireGuard',
            () => deviceTo(node, other),
            seen => seen === device,
          );
    await everyPair('IPv4');
    await everyPair('IPv6');
    await wire.passed();
    await everyPair('IPv4');
    const { encrypted, vxlan, clear } = await wire.passed();
    expect({ vxlan, clear }).toEqual({ vxlan: 0, clear: 0 });
    expect(encrypted).toBeGreaterThanOrEqual(16);
  });

  test('the largest packet that the route takes fits the network as it is', async () => {
    await wire.passed();
    expect(await stream(1, 1440 - 28)).toMatchObject({ sent: 200, lost: 0 });
    expect((await wire.passed()).fragments).toBe(0);
  });

  test('the private key is for root alone', async () => {
    const { mode } = await stat(join(lab.folderOf(lab.here), 'wireguard.key'));
    expect((mode & 0o777).toString(8)).toBe('600');
  });

  test('agents that are killed and started again lose no packet and take up the tunnel', async () => {
    const { here, there } = lab;
    const before = await here.node.tunnelProcess();
    const streamed = stream(5);
    for (const node of [here, there]) {
      await node.agent?.kill();
      await lab.startAgent(node);
    }
    expect(await streamed).toMatchObject({ sent: 1_000, lost: 0 });
    expect(await here.node.tunnelProcess()).toBe(before);
    expect(await both()).toBe(`${device} ${device}`);
  });

  test(
    'a process that dies: VXLAN at once, a new one within 2 s, then the tunnel again',
    async () => {
      const streamed = stream(8);
      const before = await lab.here.node.tunnelProcess();
      await lab.here.node.killTunnel();
      await waitFor(
        'another process',
        () => lab.here.node.tunnelProcess(),
        pid => pid !== undefined && pid !== before,
        2_000,
      );
      const { sent, lost } = await streamed;
      console.log(`wireguard-go killed: ${lost} of ${sent} packets lost`);
      await bothBy(device);
      expect(await answers()).toBe(true);
    },
    LONG,
  );

  test(
    'a tunnel that is cut: VXLAN within 15 s, and back when it was heard for 30 s',
    async () => {
      const falling = stream(22);
      await wire.cut();
      await bothBy('causeway-vx', 20_000);
      const { sent, lost } = await falling;
      console.log(`fallback to VXLAN: ${lost} of ${sent} packets lost at 200 a second: ${lost / 200} s`);
      expect(lost / 200).toBeLessThan(20);
      await wire.mend();
      const returning = stream(45);
      await bothBy(device, 100_000);
      const back = await returning;
      console.log(`back to WireGuard: ${back.lost} of ${back.sent} packets lost`);
      expect(back.lost).toBe(0);
    },
    LONG,
  );
});

describe('two clusters that require encryption', () => {
  beforeAll(() => labWith('Required'), LONG);
  afterAll(() => lab.remove());

  /** Pods ask one another for a while, and not a packet is to be seen but WireGuard's own. */
  async function nothingInClear(): Promise<void> {
    await waitFor('no answer', answers, seen => !seen);
    await wire.passed();
    await staysFor('no answer', answers, seen => !seen, 3_000);
    const { vxlan, clear } = await wire.passed();
    expect({ vxlan, clear }).toEqual({ vxlan: 0, clear: 0 });
  }

  test('16 of 16 pairs', async () => {
    await everyPair('IPv4');
    await everyPair('IPv6');
    expect(await both()).toBe(`${device} ${device}`);
  });

  test(
    'a tunnel that is cut',
    async () => {
      await wire.cut();
      await nothingInClear();
      await wire.mend();
      await waitFor('an answer', answers, Boolean, 60_000);
    },
    LONG,
  );

  test(
    'a process that is gone and cannot be started',
    async () => {
      const { node } = lab.here;
      await node.commands.run('mount', ['--bind', '/dev/null', '/dev/net/tun']);
      await node.killTunnel();
      await nothingInClear();
      expect(await node.tunnelProcess()).toBeUndefined();
      await node.commands.run('umount', ['/dev/net/tun']);
      await waitFor('an answer', answers, Boolean, 100_000);
    },
    LONG,
  );

  test(
    'routes and rule taken away by somebody, while no agent runs',
    async () => {
      const { here } = lab;
      await here.agent?.kill();
      await here.node.commands.run('ip', ['rule', 'del', 'pref', `${MARKS.preference}`]);
      await nothingInClear();
      await lab.startAgent(here);
      await waitFor('an answer', answers, Boolean, 60_000);
    },
    LONG,
  );

  test(
    'a node without a key',
    async () => {
      const { there } = lab;
      const { keys = {} } = there;
      delete there.keys;
      await lab.tell();
      await nothingInClear();
      there.keys = keys;
      await lab.tell();
      await waitFor('an answer', answers, Boolean, 60_000);
    },
    LONG,
  );
});
