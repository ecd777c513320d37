import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MESH_AS } from '../../../src/routes/bgp/speaker.ts';
import { MARKS } from '../../../src/routes/model.ts';
import type { Running } from '../kit/process.ts';
import { waitFor } from '../kit/wait.ts';
import { foreignBird, killBird, liarConfig, pidOfBird, routerConfig } from './birds.ts';
import { Lab, type LabNode } from './lab.ts';
import { type Namespace, namespace } from './namespace.ts';

const FAMILIES = ['IPv4', 'IPv6'] as const;
type Family = (typeof FAMILIES)[number];

/** What nobody may tell node 1 of cluster 1: all the world, its own pods, a part of a peer's block, more than that. */
const LIES = {
  IPv4: ['0.0.0.0/0', '10.11.1.0/24', '10.11.1.10/32', '10.12.1.0/25', '10.12.0.0/16', '10.99.1.0/24'],
  IPv6: ['::/0', 'fd00:11:1::/64', 'fd00:12:1::/65', 'fd00:99::/64'],
};
const TOLD_TRULY = {
  IPv4: ['10.12.1.0/24', '10.12.2.0/24'],
  IPv6: ['fd00:12:1::/64', 'fd00:12:2::/64'],
};

let lab: Lab;

async function everyPair(family: Family): Promise<void> {
  const wanted = lab.everyPair(family);
  expect(wanted).toHaveLength(16);
  await waitFor(
    `every pod sees every other as itself (${family})`,
    async () => (await lab.ask(family)).filter(seen => !wanted.includes(seen)),
    wrong => wrong.length === 0,
    30_000,
  );
}

interface Listed {
  readonly dst: string;
  readonly type: string;
  readonly protocol: string;
}

/** What there is in the table that BGP writes into. */
async function listed({ node }: LabNode, family: Family): Promise<Listed[]> {
  const version = family === 'IPv4' ? '-4' : '-6';
  const words = ['-j', '-d', version, 'route', 'show', 'table', `${MARKS.bgp.table}`];
  return JSON.parse((await node.commands.run('ip', words)).output);
}

/** The blocks that BGP brought. */
async function learnt(node: LabNode, family: Family): Promise<string[]> {
  const routes = await listed(node, family);
  return routes.filter(({ protocol }) => protocol === 'bird').map(({ dst }) => dst);
}

async function birdc({ node }: Pick<LabNode, 'node'>, folder: string, ...words: string[]): Promise<string> {
  return (await node.commands.run('birdc', ['-s', join(folder, 'bird.ctl'), ...words])).output;
}

/** Whether so many blocks were refused in a session of each family. */
function refused(printed: string, ...counts: readonly number[]): boolean {
  return counts.every(count => new RegExp(`Import updates: +\\d+ +0 +${count} `).test(printed));
}

/** How many of so many packets, 200 a second, found no answer while something was done. */
async function lossOver(packets: number, act: () => Promise<void>): Promise<number> {
  const stream = lab.inside(lab.here.pod, 'pod.ts', 'stream', lab.there.podAddresses.IPv4, `${packets}`);
  await act();
  const { sent, answers } = JSON.parse(await stream) as { sent: number; answers: number };
  expect(sent).toBe(packets);
  return sent - answers;
}

/** Both daemons of these nodes die; resolves when new ones have all their sessions. */
async function crash(nodes: readonly LabNode[], sessions: number): Promise<void> {
  const before = nodes.map(node => node.agent?.output().length ?? 0);
  for (const node of nodes) killBird(lab.folderOf(node));
  for (const [index, node] of nodes.entries()) {
    await waitFor(
      'a new daemon has its sessions',
      () => node.agent?.output().slice(before[index]) ?? '',
      said =>
        said
          .split('bird started')[1]
          ?.split('\n')
          .some(line => line.split('"Established"').length > sessions) === true,
      30_000,
    );
  }
}

async function restartsWithoutLoss(): Promise<void> {
  const nodes = [lab.here, lab.there];
  const before = nodes.map(node => pidOfBird(lab.folderOf(node)));
  const lost = await lossOver(800, async () => {
    for (const node of nodes) {
      await node.agent?.kill();
      await lab.startAgent(node);
    }
  });
  console.log(`BGP: restart of both agents: ${lost} of 800 packets lost`);
  expect(lost).toBe(0);
  expect(nodes.map(node => pidOfBird(lab.folderOf(node)))).toEqual(before);
  expect(before).not.toContain(undefined);
  expect(nodes.map(({ agent }) => /bird (started|configured)/.test(agent?.output() ?? ''))).toEqual([
    false,
    false,
  ]);
}

/** @param nodes whose daemons die at once @param sessions how many each had */
async function crashesWithoutLoss(how: string, nodes: readonly LabNode[], sessions: number): Promise<void> {
  const begun = Date.now();
  let back = 0;
  const lost = await lossOver(2_000, async () => {
    await crash(nodes, sessions);
    back = Date.now() - begun;
  });
  console.log(
    `BGP ${how}: ${nodes.length} daemons killed, sessions back in ${back} ms: ${lost} of 2000 packets lost`,
  );
  expect(lost).toBe(0);
  await everyPair('IPv4');
}

describe('two clusters on two networks, by BGP with the router in between', () => {
  let router: Running;
  let liar: Running;
  let outside: Namespace;

  beforeAll(async () => {
    lab = await Lab.of(['bgp'], {
      routed: true,
      dual: true,
      bgp: network => ({
        as: 64_512,
        routers: [
          { address: `172.31.${network}.254`, as: 64_500 },
          { address: `fd00:31:${network}::fe`, as: 64_500 },
          { address: `172.31.${network}.253`, as: 64_666 },
          { address: `fd00:31:${network}::fd`, as: 64_666 },
        ],
      }),
    });
    router = await foreignBird(lab.fabric, join(lab.folder, 'router'), routerConfig());
  });
  afterAll(async () => {
    await liar.stop();
    await router.stop();
    await lab.remove();
    await outside.remove();
  });

  test.each(FAMILIES)('16 of 16 pairs over %s, seen with their own addresses', everyPair);

  test('packets go as they are, and nowhere where nobody told the way', async () => {
    for (const family of FAMILIES) {
      const routes = await listed(lab.here, family);
      const own = lab.here.pods[family];
      const blocks = TOLD_TRULY[family];
      expect(routes.map(({ dst, type, protocol }) => `${dst} ${type} ${protocol}`).sort()).toEqual(
        [
          `${own} throw 205`,
          ...blocks.flatMap(block => [`${block} unicast bird`, `${block} unreachable 205`]),
        ].sort(),
      );
    }
    const { output } = await lab.here.node.commands.run('ip', ['route', 'get', lab.there.podAddresses.IPv4]);
    expect(output).toMatch(/^10\.12\.1\.10 via 172\.31\.1\.254 dev eth0 table 7796 src 10\.11\.1\.0/);
  });

  test('a router that tells what nobody may tell is not believed, and hears of nothing but the pods of the node', async () => {
    const { here } = lab;
    outside = await namespace('liar');
    await lab.plug(outside, 'liar', 'one', ['172.31.1.253/24', 'fd00:31:1::fd/64']);
    const session = (own: string, node: string): string =>
      `local ${own} as 64666; neighbor ${node} port ${MARKS.bgp.port} as 64512;`;
    const words = {
      IPv4: session('172.31.1.253', here.address),
      IPv6: session('fd00:31:1::fd', here.address6),
    };
    liar = await foreignBird(outside, join(lab.folder, 'liar'), liarConfig('172.31.1.253', words, LIES));
    const seen = await waitFor(
      'all lies have been heard',
      () => birdc(here, lab.folderOf(here), 'show', 'protocols', 'all', '"router_*"'),
      printed => refused(printed, 6, 4),
      30_000,
    );
    expect(seen).toContain('Neighbor AS:      64666');
    for (const family of FAMILIES) expect(await learnt(here, family)).toEqual(TOLD_TRULY[family]);
    await waitFor(
      'one block was told in each session, though the node has learnt two more of each family',
      () => birdc({ node: outside }, join(lab.folder, 'liar'), 'show', 'protocols', 'all', '"bgp*"'),
      told =>
        (told.match(/Import updates: +\d+/g) ?? []).map(line => line.split(/ +/).at(-1)).join() === '1,1',
    );
    await everyPair('IPv4');
  });

  test(
    'agents that are killed and started again lose no packet, and take their daemons over',
    restartsWithoutLoss,
  );

  test('daemons that are killed come back with their sessions, while packets go on', () =>
    crashesWithoutLoss('by a router', [lab.here, lab.there], 2));
});

describe('two clusters on one network, by BGP between the nodes', () => {
  let liar: Running;

  beforeAll(async () => {
    lab = await Lab.of(['bgp'], { routed: false, dual: true, bgp: () => ({ as: 64_512, routers: [] }) });
  });
  afterAll(async () => {
    await liar.stop();
    await lab.remove();
  });

  test.each(FAMILIES)('16 of 16 pairs over %s, seen with their own addresses', everyPair);

  test('each block is learnt from the node that has it', async () => {
    const { output } = await lab.here.node.commands.run('ip', ['route', 'get', lab.there.podAddresses.IPv4]);
    expect(output).toMatch(/^10\.12\.1\.10 via 172\.31\.1\.21 dev eth0 table 7796 src 10\.11\.1\.0/);
  });

  test(
    'agents that are killed and started again lose no packet, and take their daemons over',
    restartsWithoutLoss,
  );

  // Where both ends begin anew at once neither waits for the other (RFC 4724 §4.1), and some packets may get lost.
  test('a daemon that is killed comes back with its sessions, while packets go on', () =>
    crashesWithoutLoss('between nodes', [lab.here], 4));

  test('a node that tells what is not its own is not believed', async () => {
    const { here } = lab;
    const traitor = lab.nodes[3] as LabNode;
    await traitor.agent?.kill();
    killBird(lab.folderOf(traitor));
    const session = (own: string, node: string): string =>
      `local ${own} port ${MARKS.bgp.port} as ${MESH_AS}; neighbor ${node} port ${MARKS.bgp.port} as ${MESH_AS}; ttl security on;`;
    const words = {
      IPv4: session(traitor.address, here.address),
      IPv6: session(traitor.address6, here.address6),
    };
    const lies = { IPv4: [...LIES.IPv4, '10.12.1.0/24'], IPv6: [...LIES.IPv6, 'fd00:12:1::/64'] };
    liar = await foreignBird(
      traitor.node,
      join(lab.folder, 'liar'),
      liarConfig(traitor.address, words, lies),
    );
    await waitFor(
      'all lies have been heard',
      () => birdc(here, lab.folderOf(here), 'show', 'protocols', 'all', '"node_*22"'),
      printed => refused(printed, 7, 5),
      30_000,
    );
    for (const family of FAMILIES) expect(await learnt(here, family)).toEqual([TOLD_TRULY[family][0]]);
    const { output } = await here.node.commands.run('ip', ['route', 'get', lab.there.podAddresses.IPv4]);
    expect(output).toContain('via 172.31.1.21 ');
  });
});

test('nodes behind a router, and none to speak to: each block has no way, and it is said why', async () => {
  lab = await Lab.of(['bgp'], { routed: true, dual: true, bgp: () => ({ as: 64_512, routers: [] }) });
  try {
    expect(lab.here.agent?.output()).toContain(
      '10.12.1.0/24: no way to it: bgp: 172.31.2.21 is behind a router, and this node speaks to none',
    );
    expect(await learnt(lab.here, 'IPv4')).toEqual([]);
  } finally {
    await lab.remove();
  }
});
