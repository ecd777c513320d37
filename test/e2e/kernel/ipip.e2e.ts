import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IPIP } from '../../../src/kernel/ipip.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { EAST, policies } from '../../kit/kernel/nodes.ts';
import { World } from '../../kit/kernel/world.ts';
import { type Running, start } from '../kit/process.ts';
import { waitFor } from '../kit/wait.ts';
import { Lab } from './lab.ts';
import { type Namespace, namespace } from './namespace.ts';

const { device } = MARKS.ipip;

describe('two clusters on two networks, by IPIP where the kernel has it, else by the next way', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.of(['ipip', 'vxlan'], { routed: true });
  });
  afterAll(() => lab.remove());

  test.each(['IPv4', 'IPv6'] as const)(
    '16 of 16 pairs over %s, seen with their own addresses',
    async family => {
      const wanted = lab.everyPair(family);
      expect(wanted).toHaveLength(16);
      await waitFor(
        `every pod sees every other as itself (${family})`,
        async () => (await lab.ask(family)).filter(seen => !wanted.includes(seen)),
        wrong => wrong.length === 0,
      );
    },
  );

  test('packets go by the device, or the agent says why not', async () => {
    const { here, there } = lab;
    const ipip = await new IPIP(here.node.commands, device).find();
    const { output } = await here.node.commands.run('ip', ['route', 'get', there.podAddresses.IPv4]);
    if (ipip !== true) console.log(`not run, IPIP packets through a device: ${ipip}`);
    expect(output).toContain(` dev ${ipip === true ? device : MARKS.vxlan.device} `);
    expect(
      here.agent
        ?.output()
        .split('\n')
        .filter(line => line.startsWith('ipip: ')),
    ).toEqual(ipip === true ? [] : [`ipip: ${ipip}; the next way is taken`]);
  });
});

describe('the firewall, before packets of protocol 4', () => {
  let world: World;
  let node: Namespace;
  let outside: Namespace;
  let receiver: Running;

  beforeAll(async () => {
    node = await namespace('ipip');
    outside = await namespace('senders');
    world = await World.of(node);
    await world.ip(`link set eth0-far netns ${outside.name}`);
    for (const line of [
      'addr add 172.31.1.41/24 dev eth0-far',
      'addr add 172.31.1.66/24 dev eth0-far',
      'link set eth0-far up',
    ])
      await outside.commands.run('ip', line.split(' '));
    // Whether there is a device does not matter here: what its packets come to is for the firewall to say.
    await world.pass('west w1 172.31.1.41 10.21.1.0/24', {
      input: { local: { ...EAST, ipip: true }, policies: policies({ west: ['ipip'] }) },
    });
    const [command = '', ...before] = node.inside;
    receiver = start(command, [...before, 'socat', '-u', 'IP4-RECV:4', '-']);
  });
  afterAll(async () => {
    await receiver.stop();
    await node.remove();
    await outside.remove();
  });

  async function dropped(): Promise<number> {
    const { output } = await node.commands.run('nft', ['list', 'table', 'inet', MARKS.nftTable]);
    const line = output.split('\n').find(one => one.includes('comment "spoofed-ipip')) ?? '';
    return Number(/packets (\d+)/.exec(line)?.[1] ?? Number.NaN);
  }

  async function send(from: string, text: string): Promise<void> {
    const to = `IP4-SENDTO:172.31.1.11:4,bind=${from}`;
    const { code, errors } = await outside.commands.run('socat', ['-u', '-', to], text);
    if (code !== 0) throw new Error(errors);
  }

  test('those of a peer get in, those of anybody else do not', async () => {
    expect(await dropped()).toBe(0);
    await waitFor('what a peer sends is received', async () => {
      await send('172.31.1.41', 'of a peer ');
      return receiver.output().includes('of a peer');
    });
    await send('172.31.1.66', 'of a stranger ');
    await waitFor('what a stranger sends is counted', dropped, count => count === 1);
    await send('172.31.1.41', 'of a peer again ');
    await waitFor('what a peer sends is received', () => receiver.output().includes('of a peer again'));
    expect(receiver.output()).not.toContain('of a stranger');
  });
});
