import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EAST_CLUSTER, remoteCluster, remoteNode } from '../../kit/routed-node.ts';
import type { Running } from '../kit/process.ts';
import { waitFor } from '../kit/wait.ts';
import { AgentHost } from './agent-host.ts';
import { confinedAgent } from './container.ts';

/** What the DaemonSet of deploy/agent gives an agent is enough for all that it does, in a real container. */
const KEY = `wireguardPublicKey: ${Buffer.alloc(32, 7).toString('base64')}`;
const WORLD = [
  EAST_CLUSTER,
  remoteCluster('west'),
  remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41'),
  remoteCluster('north', { spec: 'encryption: Required' }),
  remoteNode('north', 1, '10.31.1.0/24', '172.31.1.51', KEY),
  remoteCluster('south', { spec: 'routingModes: [BGP]' }),
  remoteNode('south', 1, '10.41.1.0/24', '172.31.1.61'),
].join('---');

let host: AgentHost;
let agent: Running;
let folder: string;

beforeAll(async () => {
  host = await AgentHost.of(WORLD);
  folder = join(host.folder, 'host');
  const kubeconfig = join(host.folder, 'kubeconfig');
  const args = ['--log-format', 'json'];
  agent = await confinedAgent({ node: host.node, folder, kubeconfig, name: 'e1', args });
  await agent.until('ready', async () => (await host.page('/readyz')).startsWith('200 '));
});

afterAll(async () => {
  await agent?.stop();
  await host?.remove();
});

/** Runs a line on the host; `$P` is the agent's process. */
async function shell(line: string): Promise<string> {
  const { output, errors } = await host.node.commands.run('sh', ['-c', `P=$(cat ${folder}/pid); ${line}`]);
  return output + errors;
}

/** The same in the agent's container. */
const inside = (line: string): Promise<string> => shell(`nsenter --target $P --mount --pid --net -- ${line}`);

test('it has one capability, and cannot get another', async () => {
  const status = await shell('cat /proc/$P/status');
  for (const set of ['CapPrm', 'CapEff', 'CapBnd']) expect(status).toContain(`${set}:\t0000000000001000\n`);
  expect(status).toContain('NoNewPrivs:\t1\n');
  expect(await inside('touch /anything')).toContain('Read-only file system');
});

test('it writes the settings of the network, though not in /proc/sys', async () => {
  expect(await inside('cat /proc/sys/net/ipv4/conf/causeway-vx/rp_filter')).toBe('2\n');
  expect(await inside('dd if=/dev/null of=/proc/sys/net/ipv4/ip_forward')).toContain('Read-only file system');
});

test('it has its routes by VXLAN and by a WireGuard of its own, and its firewall', async () => {
  const routes = await shell('ip route show table 7795');
  expect(routes).toContain('10.21.1.0/24 via 172.31.1.41 dev causeway-vx ');
  expect(routes).toContain('10.31.1.0/24 dev causeway-wg ');
  expect(await inside('wg show causeway-wg allowed-ips')).toContain('10.31.1.0/24');
  expect(await shell('nft list table inet causeway')).toContain('set tunnelled4 {');
});

test('it speaks BGP', async () => {
  const asked = () => inside('birdc -s /run/causeway/bird/bird.ctl show protocols');
  const shown = await waitFor('BIRD asks the neighbor', asked, seen =>
    / BGP .* (Active|Connect) /.test(seen),
  );
  expect(shown).toMatch(/^kernel4 +Kernel +causeway4 +up /m);
  expect(await shell('ip route show table 7796')).toContain('unreachable 10.41.1.0/24 ');
});

test('it keeps its key on the host, for itself alone', async () => {
  expect(await shell(`stat --format %a:%u ${folder}/host/var/lib/causeway/wireguard.key`)).toBe('600:0\n');
});

test('nothing was refused to it', () => {
  const lines = agent
    .output()
    .split('\n')
    .filter(line => line.startsWith('{'));
  expect(lines.filter(line => JSON.parse(line).level !== 'info')).toEqual([]);
});
