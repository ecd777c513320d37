import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MARKS } from '../../../src/routes/model.ts';
import { staysFor, waitFor } from '../kit/wait.ts';
import { Lab, type LabNode } from './lab.ts';
import type { Namespace } from './namespace.ts';

const { device, port: tunnelPort } = MARKS.vxlan;
const PROBE_PORT = 7795;

let lab: Lab;

interface Said {
  readonly cluster: string;
  readonly family: string;
  readonly verdict: string;
  readonly finding?: string;
}

/** What the agent of a node said last of its paths, such as `c2 IPv4 down mtu`. */
function saidBy({ agent }: LabNode): string[] {
  const lines = agent?.output().split('\n') ?? [];
  const found = new Map<string, string>();
  for (const line of lines.filter(text => text.includes('"verdict"'))) {
    const { cluster, family, verdict, finding = '' } = JSON.parse(line) as Said;
    found.set(`${cluster} ${family}`, `${cluster} ${family} ${verdict} ${finding}`.trim());
  }
  return [...found.values()].sort();
}

const nodesOf = (cluster: number): LabNode[] => lab.nodes.filter(node => node.cluster === cluster);

/** Waits until every one of the nodes says this of its other cluster, over IPv4 and IPv6; returns milliseconds. */
async function allSay(what: string, limit: number, nodes: readonly LabNode[] = lab.nodes): Promise<number> {
  const start = performance.now();
  const wanted = ({ cluster }: LabNode): string[] =>
    ['IPv4', 'IPv6'].map(family => `c${3 - cluster} ${family} ${what}`);
  await waitFor(
    `nodes say ${what}`,
    () => nodes.map(node => ({ node: node.name, said: saidBy(node), wanted: wanted(node) })),
    seen => seen.every(({ said, wanted: all }) => said.join() === all.join()),
    limit,
  );
  return Math.round(performance.now() - start);
}

async function nft({ commands }: Namespace, ...lines: string[]): Promise<string> {
  const { code, output, errors } = await commands.run('nft', ['-f', '-'], `${lines.join('\n')}\n`);
  if (code !== 0) throw new Error(errors);
  return output;
}

async function ip({ commands }: Namespace, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    const { code, errors } = await commands.run('ip', line.split(' '));
    if (code !== 0) throw new Error(`${line}: ${errors}`);
  }
}

const cutTunnels = (): Promise<string> =>
  nft(
    lab.fabric,
    'add table ip cut',
    'add chain ip cut forward { type filter hook forward priority 0; }',
    `add rule ip cut forward udp dport ${tunnelPort} drop`,
  );
const heal = (): Promise<string> => nft(lab.fabric, 'delete table ip cut');

/** What the network takes to a node, whatever the node believes. */
const width = (node: LabNode, mtu: number): Promise<void> =>
  // A bridge follows its narrowest port unless it was told its own width; a switch tells nobody either.
  ip(lab.fabric, `link set ${node.name} mtu ${mtu}`, 'link set two mtu 1500');

describe('through tunnels', () => {
  beforeAll(async () => {
    lab = await Lab.of(['vxlan'], { routed: true, probePort: PROBE_PORT });
  });
  afterAll(() => lab.remove());

  test('every node finds the other cluster up within seconds, over IPv4 and IPv6', async () => {
    console.log(`up: ${await allSay('up', 8_000)} ms`);
  });

  test('the large datagram is as large as a packet of the route can be, in one piece and not to be fragmented', async () => {
    const { there } = lab;
    const chain = 'ip probes prerouting';
    const large = `iifname "${device}" udp dport ${PROBE_PORT} ip length 1450`;
    await nft(
      there.node,
      'add table ip probes',
      'add chain ip probes prerouting { type filter hook prerouting priority -500; }',
      `add rule ${chain} ${large} ip frag-off & 0x4000 == 0x4000 counter comment "whole"`,
      `add rule ${chain} iifname "${device}" ip frag-off & 0x3fff != 0 counter comment "fragment"`,
      'add table ip6 probes',
      'add chain ip6 probes prerouting { type filter hook prerouting priority -500; }',
      `add rule ip6 probes prerouting iifname "${device}" udp dport ${PROBE_PORT} ip6 length 1410 counter comment "whole6"`,
      `add rule ip6 probes prerouting iifname "${device}" exthdr frag exists counter comment "fragment6"`,
    );
    const count = async (): Promise<Record<string, number>> => {
      const { output } = await there.node.commands.run('nft', ['list', 'ruleset']);
      const found = [...output.matchAll(/counter packets (\d+) .*comment "(whole6?|fragment6?)"/g)];
      return Object.fromEntries(found.map(([, packets, name]) => [name, Number(packets)]));
    };
    await waitFor('large datagrams', count, ({ whole = 0, whole6 = 0 }) => whole > 2 && whole6 > 2);
    expect(await count()).toMatchObject({ fragment: 0, fragment6: 0 });
    await nft(there.node, 'delete table ip probes', 'delete table ip6 probes');
  });

  describe('what happens to the network', () => {
    test('the tunnels are cut: down within 6 s, and up again when they are not', async () => {
      await cutTunnels();
      const down = await allSay('down silent', 6_000);
      await heal();
      const up = await allSay('up', 12_000);
      console.log(`tunnels cut: down after ${down} ms, healed: up after ${up} ms`);
    });

    test('it is narrower than the nodes believe: found as that', async () => {
      for (const node of nodesOf(2)) await width(node, 1_400);
      const down = await allSay('down mtu', 10_000);
      // Small packets would have told nothing.
      expect(await lab.inside(lab.here.pod, 'pod.ts', 'ask', lab.there.podAddresses.IPv4)).toContain(
        '10.11.1.10',
      );
      for (const node of nodesOf(2)) await width(node, 1_500);
      const up = await allSay('up', 25_000);
      console.log(`narrow network: down after ${down} ms, healed: up after ${up} ms`);
    });
  });

  describe('what is no dead path', () => {
    test('a node that is dead', async () => {
      const { here, there, fabric } = lab;
      await ip(fabric, `link set ${there.name} down`);
      // It sees itself alone.
      await allSay('down silent', 8_000, [there]);
      await staysFor(
        'up for the others',
        () => saidBy(here),
        said => said.every(one => one.endsWith('up')),
        5_000,
      );
      await ip(fabric, `link set ${there.name} up`);
      await allSay('up', 45_000);
    });

    test('a node that only small packets get through to', async () => {
      await width(lab.there, 1_400);
      await staysFor(
        'up',
        () => nodesOf(1).flatMap(saidBy),
        said => said.every(one => one.endsWith('up')),
        9_000,
      );
      await width(lab.there, 1_500);
    });

    test('agents that are away', async () => {
      for (const node of nodesOf(2)) await node.agent?.kill();
      await staysFor(
        'up',
        () => nodesOf(1).flatMap(saidBy),
        said => said.every(one => one.endsWith('up')),
        9_000,
      );
      for (const node of nodesOf(2)) await lab.startAgent(node);
      await allSay('up', 8_000);
    });
  });
});

describe('by plain routes', () => {
  beforeAll(async () => {
    lab = await Lab.of(['direct'], { routed: false, probePort: PROBE_PORT });
  });
  afterAll(() => lab.remove());

  test('up over IPv4; over IPv6 there is no way, and nobody to be asked', async () => {
    const wanted = ({ cluster }: LabNode): string => `c${3 - cluster} IPv4 up`;
    await waitFor(
      'every node finds the other cluster up',
      () => lab.nodes.map(node => ({ said: saidBy(node).join(), wanted: wanted(node) })),
      seen => seen.every(({ said, wanted: one }) => said === one),
      10_000,
    );
  });
});
