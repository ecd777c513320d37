import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { macOf } from '../../../src/routes/mac.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { waitFor } from '../kit/wait.ts';
import { Lab } from './lab.ts';
import type { Namespace } from './namespace.ts';

const { device, vni, port } = MARKS.vxlan;
const table = MARKS.table;

let lab: Lab;

async function everyPair(family: 'IPv4' | 'IPv6'): Promise<void> {
  const wanted = lab.everyPair(family);
  expect(wanted).toHaveLength(16);
  await waitFor(
    `every pod sees every other as itself (${family})`,
    async () => (await lab.ask(family)).filter(seen => !wanted.includes(seen)),
    wrong => wrong.length === 0,
  );
}

/** Leaves in the kernel what an agent with other rules and other metrics of routes would have left there. */
async function leaveAsAnother(block: string, { commands }: Namespace): Promise<void> {
  const ip = async (...words: readonly string[]): Promise<string> => {
    const { code, output, errors } = await commands.run('ip', ['route', ...words]);
    if (code !== 0) throw new Error(`ip route ${words.join(' ')}: ${errors}`);
    return output.trim();
  };
  const ours = (await ip('show', 'table', `${table}`, block)).split(/\s+/);
  const metric = ours.slice(ours.indexOf('metric'), ours.indexOf('metric') + 2);
  const other = ours.filter((_, index) => ![0, 1].includes(index - ours.indexOf('metric')));
  await ip('add', ...other, 'table', `${table}`);
  await ip('del', block, 'table', `${table}`, ...metric);
  const rule = `add rule inet ${MARKS.nftTable} leaving counter comment "of another version"\n`;
  const { code, errors } = await commands.run('nft', ['-f', '-'], rule);
  if (code !== 0) throw new Error(`nft ${rule}: ${errors}`);
}

/** Packets that a rule of our firewall in a node has dropped. @param rule the beginning of its comment */
async function dropped(rule: string): Promise<number> {
  const { output } = await lab.there.node.commands.run('nft', ['list', 'table', 'inet', MARKS.nftTable]);
  const line = output.split('\n').find(one => one.includes(`comment "${rule}`)) ?? '';
  return Number(/packets (\d+)/.exec(line)?.[1] ?? Number.NaN);
}

describe('two clusters on two networks, by VXLAN', () => {
  beforeAll(async () => {
    lab = await Lab.of(['direct', 'vxlan'], { routed: true });
  });
  afterAll(() => lab.remove());

  test('16 of 16 pairs over IPv4, seen with their own addresses although the network plugin masquerades', () =>
    everyPair('IPv4'));

  test('16 of 16 pairs over IPv6, through tunnels over IPv4', () => everyPair('IPv6'));

  test.each([
    { row: 'the device goes down and up', ip: `link set ${device} down\nlink set ${device} up` },
    { row: 'the device stays down', ip: `link set ${device} down` },
    { row: 'the device is deleted', ip: `link del ${device}` },
    { row: 'its last address is removed', ip: `addr del 10.11.1.0/32 dev ${device}` },
    {
      row: 'a route is altered in place',
      ip: `route replace unreachable 10.12.1.0/24 table ${table} metric 618`,
    },
    { row: 'a route is put before ours', ip: `route replace unreachable 10.12.1.0/24 table ${table}` },
    { row: 'a route is removed', ip: `route del 10.12.1.0/24 table ${table}` },
    { row: 'a neighbour is removed', ip: `neigh del 172.31.2.21 dev ${device}` },
    { row: 'the rule is removed', ip: `rule del pref ${MARKS.preference}` },
  ])('repaired within 2 s: $row', async ({ ip }) => {
    const { here, there } = lab;
    const before = here.agent?.output().length ?? 0;
    for (const line of ip.split('\n')) await here.node.commands.run('ip', line.split(' '));
    await waitFor(
      'the pod answers again, and the agent has done something',
      async () => [
        await lab.inside(here.pod, 'pod.ts', 'ask', there.podAddresses.IPv4),
        here.agent?.output().slice(before),
      ],
      ([seen = '', log = '']) => seen.includes(here.podAddresses.IPv4) && /"operations":[1-9]/.test(log),
      2_000,
    );
  });

  test('an agent that is killed and started again loses no packet', async () => {
    const { here, there } = lab;
    const stream = lab.inside(here.pod, 'pod.ts', 'stream', there.podAddresses.IPv4, '800');
    for (const node of [here, there]) {
      await node.agent?.kill();
      await lab.startAgent(node);
    }
    const { sent, answers } = JSON.parse(await stream);
    console.log(`restart of both agents: ${sent - answers} of ${sent} packets lost`);
    expect(answers).toBe(sent);
    expect(sent).toBe(800);
  });

  test('an agent of another version, with other rules and metrics, is followed without a packet lost', async () => {
    const { here, there } = lab;
    const stream = lab.inside(here.pod, 'pod.ts', 'stream', there.podAddresses.IPv4, '1200');
    for (const node of [here, there]) {
      await node.agent?.kill();
      await leaveAsAnother(node === here ? '10.12.1.0/24' : '10.11.1.0/24', node.node);
      await lab.startAgent(node);
    }
    const { sent, answers } = JSON.parse(await stream);
    console.log(`another version of both agents: ${sent - answers} of ${sent} packets lost`);
    expect([sent, answers]).toEqual([1_200, 1_200]);
    for (const { node } of [here, there]) {
      const { output: rules } = await node.commands.run('nft', ['list', 'table', 'inet', MARKS.nftTable]);
      expect(rules).toContain('comment "connects-');
      expect(rules).not.toContain('of another version');
      const { output: routes } = await node.commands.run('ip', ['route', 'show', 'table', `${table}`]);
      expect(routes).not.toMatch(/ dev causeway-vx (?!.*metric)/);
    }
  });

  test('packets of the tunnel are not tracked as connections, those in it are', async () => {
    const { here, there } = lab;
    const rules = ['input', 'output'].map(
      hook => `
        chain ${hook} {
          type filter hook ${hook} priority 0;
          udp dport ${port} ct state untracked counter comment "${hook} untracked"
          udp dport ${port} ct state != untracked counter comment "${hook} tracked"
        }`,
    );
    const forward = `
        chain forward {
          type filter hook forward priority 0;
          ct state untracked counter comment "inside untracked"
        }`;
    const nft = (words: readonly string[], input?: string) => there.node.commands.run('nft', words, input);
    await nft(['-f', '-'], `table inet watch {${rules.join('')}${forward}\n}\n`);
    expect(await lab.inside(here.pod, 'pod.ts', 'ask', there.podAddresses.IPv4)).toContain('10.11.1.10');
    const { output } = await nft(['list', 'table', 'inet', 'watch']);
    const seen = [...output.matchAll(/packets (\d+) .*comment "(.*)"/g)].map(([, count, what]) => [
      what,
      Number(count) > 0,
    ]);
    await nft(['delete', 'table', 'inet', 'watch']);
    expect(Object.fromEntries(seen)).toEqual({
      'input untracked': true,
      'input tracked': false,
      'output untracked': true,
      'output tracked': false,
      'inside untracked': false,
    });
  });

  test('VXLAN from a host that is no peer is dropped', async () => {
    const { there, fabric } = lab;
    const before = await dropped('spoofed-vxlan4');
    const mac = macOf('c2', 'n1');
    const lines = [
      `link add liar type vxlan id ${vni} local 172.31.2.254 dev two dstport ${port} nolearning`,
      'link set liar up',
      'addr add 10.11.1.10/32 dev liar',
      `neigh replace ${there.address} lladdr ${mac} dev liar nud permanent`,
      `route replace 10.12.1.10/32 via ${there.address} dev liar onlink src 10.11.1.10`,
    ];
    for (const line of lines) await fabric.commands.run('ip', line.split(' '));
    await fabric.commands.run(
      'bridge',
      `fdb replace ${mac} dev liar dst ${there.address} self permanent`.split(' '),
    );
    expect(await lab.inside(fabric, 'pod.ts', 'ask', '10.12.1.10')).toContain('nothing');
    expect(await dropped('spoofed-vxlan4')).toBeGreaterThan(before);
    await fabric.commands.run('ip', ['link', 'del', 'liar']);
  });

  test('a packet that says it is from a remote pod, and came by no tunnel, is dropped', async () => {
    const { there, fabric } = lab;
    const before = await dropped('remote-outside4');
    await fabric.commands.run('ip', 'addr add 10.11.1.10/32 dev lo'.split(' '));
    const route = `10.12.1.10/32 via ${there.address} dev two src 10.11.1.10`;
    await fabric.commands.run('ip', `route replace ${route}`.split(' '));
    expect(await lab.inside(fabric, 'pod.ts', 'ask', '10.12.1.10')).toContain('nothing');
    expect(await dropped('remote-outside4')).toBeGreaterThan(before);
    for (const line of [`route del ${route}`, 'addr del 10.11.1.10/32 dev lo'])
      await fabric.commands.run('ip', line.split(' '));
  });
});

describe('two clusters on one network, by plain routes', () => {
  beforeAll(async () => {
    lab = await Lab.of(['direct', 'vxlan'], { routed: false });
  });
  afterAll(() => lab.remove());

  test('16 of 16 pairs, without a tunnel', async () => {
    await everyPair('IPv4');
    const { output } = await lab.here.node.commands.run('ip', ['route', 'show', 'table', `${table}`]);
    expect(output).toMatch(/10\.12\.1\.0\/24 via 172\.31\.1\.21 dev eth0 .*mtu 1500/);
  });

  test('an agent that is killed and started again loses no packet', async () => {
    const stream = lab.inside(lab.here.pod, 'pod.ts', 'stream', lab.there.podAddresses.IPv4, '400');
    await lab.here.agent?.kill();
    await lab.startAgent(lab.here);
    const { sent, answers } = JSON.parse(await stream);
    expect([sent, answers]).toEqual([400, 400]);
  });
});
