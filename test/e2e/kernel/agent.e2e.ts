import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EAST_CLUSTER, remoteCluster, remoteNode } from '../../kit/routed-node.ts';
import { staysFor, waitFor } from '../kit/wait.ts';
import { AgentHost } from './agent-host.ts';

const WEST_1 = remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41');
const WEST_2 = remoteNode('west', 2, '10.21.2.0/24', '172.31.1.42');
const WORLD = [EAST_CLUSTER, remoteCluster('west'), WEST_1].join('---');

let host: AgentHost;
beforeAll(async () => {
  host = await AgentHost.of(WORLD);
});
afterAll(() => host.remove());

const NEEDED: Readonly<Record<string, string>> = {
  ip: '/usr/sbin/ip',
  nft: '/usr/sbin/nft',
  setpriv: '/usr/bin/setpriv',
};

/** A folder with what a node image may have, but for these; programs given by their text are there instead. */
async function path(
  name: string,
  left: readonly string[],
  others: Record<string, string> = {},
): Promise<string> {
  const folder = join(host.folder, name);
  await mkdir(folder);
  for (const [program, from] of Object.entries(NEEDED))
    if (!left.includes(program) && !(program in others)) await symlink(from, join(folder, program));
  for (const [program, text] of Object.entries(others)) {
    await writeFile(join(folder, program), text);
    await chmod(join(folder, program), 0o755);
  }
  return folder;
}

async function isReady(): Promise<boolean> {
  return (await host.page('/readyz')).startsWith('200 ');
}

describe('causeway agent on the kernel of this machine', () => {
  test('says what it would do and does nothing of it, does it, and leaves it when it ends', async () => {
    const before = await host.state();
    const dry = await host.once(['--dry-run']);
    expect(dry).toMatchObject({ code: 0, errors: '' });
    const route =
      '10.21.1.0/24 via 172.31.1.41 dev causeway-vx onlink src 10.11.1.0 proto 205 metric 24 table 7795 mtu 1450';
    expect(dry.output).toContain(`ip route replace unicast ${route}\n`);
    expect(await host.state()).toBe(before);

    const agent = host.agent();
    await waitFor('ready', isReady);
    const first = await host.state();
    expect(first).toContain('10.21.1.0/24 via 172.31.1.41 dev causeway-vx table 7795 src 10.11.1.0');
    await waitFor(
      'published',
      () => host.api.output(),
      printed => printed.includes('"causeway.dev/underlay-mtu":"1500"'),
    );
    expect(await host.page('/metrics')).toContain('causeway_agent_peers{cluster="west",mode="vxlan"} 1');

    await host.load(`${WORLD}---${WEST_2}`);
    await waitFor(
      'a second route',
      () => host.state(),
      state => state.includes('10.21.2.0/24 via 172.31.1.42'),
    );
    const second = await host.state();
    expect(await agent.end()).toBe(0);
    expect(await host.state()).toBe(second);

    const again = await host.once(['--dry-run']);
    expect(again.output).toBe('# 0 operations for 2 nodes of other clusters; nothing was changed\n');
  });

  test('takes up what was left without touching it, and repairs what somebody else changes', async () => {
    const left = await host.state();
    const agent = host.agent();
    await waitFor('ready', isReady);
    expect(await host.state()).toBe(left);
    expect(await host.page('/metrics')).not.toContain('causeway_agent_operations_total{');
    await host.node.commands.run('ip', ['route', 'del', '10.21.1.0/24', 'table', '7795']);
    await waitFor(
      'the route is back',
      () => host.state(),
      state => state === left,
    );
    await waitFor('counted', async () =>
      (await host.page('/metrics')).includes('causeway_agent_repairs_total 1\n'),
    );
    expect(await agent.end()).toBe(0);
  });

  test('is the only one on its host, and not cleaned up after while it runs', async () => {
    const agent = host.agent();
    await waitFor('ready', isReady);
    const before = await host.state();
    for (const words of [['--http-listen', '127.0.0.1:9356'], ['--clean']]) {
      const { code, output, errors } = await host.once(words);
      expect([code, output]).toEqual([1, '']);
      expect(errors).toMatch(/^causeway: an agent runs on this host already: process \d+; .*\n$/);
    }
    expect(await host.state()).toBe(before);
    expect(await agent.end()).toBe(0);
  });

  test('that gets another key: the one who asks is told whether it changes now, or the next does', async () => {
    const files = ['wireguard.key', 'wireguard.next.key'].map(name => join(host.folder, name));
    const agent = host.agent();
    await waitFor('ready', isReady);
    const present = await host.once(['--rotate-key']);
    expect(present.output).toMatch(
      /^# an agent runs on this host; if it does so with --state-dir \S+, it changes to the key \S{44}, /,
    );
    expect(await agent.end()).toBe(0);
    await Promise.all(files.map(file => rm(file, { force: true })));
    const absent = await host.once(['--rotate-key']);
    expect(absent).toMatchObject({ code: 0, errors: '' });
    expect(absent.output).toMatch(
      /^# no agent runs on this host; the next that starts here with --state-dir \S+ changes to the key \S{44}, /,
    );
    await Promise.all(files.map(file => rm(file, { force: true })));
  });

  test('what watches the kernel for it ends with it, also where it is killed', async () => {
    const agent = host.agent();
    await waitFor('ready', isReady);
    expect((await host.watchers()).sort()).toEqual(['ip monitor', 'ip monitor', 'nft monitor']);
    await agent.kill();
    await waitFor(
      'nobody watches',
      () => host.watchers(),
      watchers => watchers.length === 0,
    );
  });

  test('removes all of it, once and for all, without its API server', async () => {
    const before = await host.state();
    const pretended = await host.once(['--clean', '--dry-run']);
    expect(await host.state()).toBe(before);
    const cleaned = await host.once(['--clean', '--kubeconfig', '/nonexistent']);
    expect(cleaned.code).toBe(2);
    expect(cleaned.output).toContain('ip link del causeway-vx\n');
    expect(cleaned.output.split('#')[0]).toBe(pretended.output.split('#')[0]);
    expect(cleaned.errors).toMatch(
      /^causeway: Node e1 may keep what was published there, .*; to take it away: kubectl annotate node e1 causeway\.dev\/.*-\n$/,
    );
    const after = await host.state();
    expect(after).not.toMatch(/causeway|7795|10\.21\./);
    expect(after).toContain('192.0.2.0/24 via 172.31.1.1');
  });

  test('takes from its Node what it published there, where it has an API server', async () => {
    const nothing = /^# nothing of ours is here\n# looked for: .*\n/;
    const pretended = await host.once(['--clean', '--dry-run']);
    const cleaned = await host.once(['--clean']);
    expect(cleaned).toMatchObject({ code: 0, errors: '', output: pretended.output });
    expect(cleaned.output).toMatch(nothing);
    expect(cleaned.output).toMatch(/\nkubectl annotate node e1 .*causeway\.dev\/underlay-mtu- .*\n$/);
    await waitFor('nothing is left', () => host.api.output().endsWith('\n{}\n'));
    const again = await host.once(['--clean']);
    expect(again.output).toMatch(nothing);
    expect(again.output).toMatch(/\n# there is no Node e1 with annotations of ours; .*\n$/);
  });
});

describe('WireGuard', () => {
  const ENCRYPTED = [EAST_CLUSTER, remoteCluster('west', { spec: 'encryption: Preferred' }), WEST_1].join(
    '---',
  );
  const key = (): Promise<string | undefined> =>
    readFile(join(host.folder, 'wireguard.key'), 'utf8').catch(() => undefined);

  test('no program of it is run and no key made until a cluster is to be encrypted for; then the key stays', async () => {
    const log = join(host.folder, 'ran');
    const recording = (program: string): string =>
      `#!/bin/sh\necho ${program} "$@" >>${log}\nPATH=/usr/bin:/usr/local/bin:/usr/sbin exec ${program} "$@"\n`;
    const programs = { wg: recording('wg'), 'wireguard-go': recording('wireguard-go') };
    const folder = await path('recording', [], programs);
    const ran = (): Promise<string> => readFile(log, 'utf8').catch(() => '');
    await host.load(WORLD);
    const agent = host.agent(['/usr/bin/env', `PATH=${folder}:/usr/bin:/bin`]);
    await waitFor('ready', isReady);
    await staysFor('nothing was run', ran, seen => seen === '', 7_000);
    expect(await key()).toBeUndefined();
    await host.load(ENCRYPTED);
    const said = '"causeway.dev/wireguard-public-key":"';
    await waitFor('published', () => host.api.output().includes(said));
    await waitFor('a device', async () => (await ran()).includes('wg set causeway-wg private-key'));
    const made = await key();
    await host.load(WORLD);
    const device = ['link', 'show', 'causeway-wg'];
    await waitFor('no device', async () => (await host.node.commands.run('ip', device)).code !== 0);
    const before = await ran();
    await staysFor('nothing more was run', ran, seen => seen === before, 7_000);
    expect(await key()).toBe(made);
    expect(host.api.output()).not.toContain('"causeway.dev/wireguard-public-key":null');
    expect(await agent.end()).toBe(0);
    await host.once(['--clean']);
  });
});

describe('one line says what is in the way', () => {
  test.each([
    { program: 'ip', from: 'iproute2' },
    { program: 'nft', from: 'nftables' },
    { program: 'setpriv', from: 'util-linux' },
  ])('without $program', async ({ program, from }) => {
    const folder = await path(`without-${program}`, [program]);
    const { code, output, errors } = await host.once([], ['/usr/bin/env', `PATH=${folder}`]);
    const line = `causeway: ${program} is not there: none in PATH; install ${from}\n`;
    expect({ code, output, errors }).toEqual({ code: 1, output: '', errors: line });
  });

  test('with an nft that is too old', async () => {
    const old = '#!/bin/sh\necho "nftables v0.9.3 (Topsy)"\n';
    const folder = await path('old', [], { nft: old });
    const { code, errors } = await host.once([], ['/usr/bin/env', `PATH=${folder}`]);
    expect([code, errors]).toEqual([
      1,
      'causeway: nft is of nftables 0.9.3, which is too old; install nftables 1.0.6 or later\n',
    ]);
  });

  test.each([[[]], [['--dry-run']], [['--clean']]])('without the capability, %s', async words => {
    const { code, output, errors } = await host.once(words, [
      ...['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'],
    ]);
    expect([code, output]).toEqual([1, '']);
    expect(errors).toBe(
      'causeway: looking at the firewall by "nft -j list tables": Operation not permitted (you must be root); ' +
        "run the agent as root with the capability NET_ADMIN in the host's network namespace\n",
    );
  });

  test.each([
    {
      words: ['--sysctls', '/nope'],
      says: '--sysctls: found "/nope", must be /proc/sys/net or where it is mounted: ',
    },
    { words: ['--modes', 'none,vxlan'], says: '--modes: found none,vxlan, and none always can: ' },
  ])('with $words', async ({ words, says }) => {
    const { code, output, errors } = await host.once(words);
    expect([code, output, errors.split('\n').length]).toEqual([2, '', 2]);
    expect(errors).toContain(says);
  });

  test('with an API server that is not there, a preview ends', async () => {
    await host.api.stop();
    const { code, errors } = await host.once(['--dry-run']);
    expect(code).toBe(3);
    expect(errors).toMatch(
      /^causeway: waiting up to 15 s for https:\S+: not read in full yet: .*\ncauseway: asking https:\S+ what is wanted: not read in full yet: clusterproperties, nodes, .*; could not .*\n$/,
    );
  });
});
