import type { LabNode } from './lab.ts';
import type { Namespace } from './namespace.ts';

/** As network plugins do it: whatever leaves the cluster leaves as the node. */
export async function masquerade({ commands }: Namespace, cluster: number): Promise<void> {
  const rules = [
    'add table inet plugin',
    'add chain inet plugin postrouting { type nat hook postrouting priority srcnat; }',
    `add rule inet plugin postrouting ip saddr 10.1${cluster}.0.0/16 ip daddr != 10.1${cluster}.0.0/16 masquerade`,
    `add rule inet plugin postrouting ip6 saddr fd00:1${cluster}::/32 ip6 daddr != fd00:1${cluster}::/32 masquerade`,
  ];
  const { code, errors } = await commands.run('nft', ['-f', '-'], `${rules.join('\n')}\n`);
  if (code !== 0) throw new Error(errors);
}

/** Two networks, and a router between them if they are not to be one for all nodes. */
export async function makeFabric(fabric: Namespace, routed: boolean): Promise<void> {
  await feed(fabric, [
    'link add one type bridge',
    'link set one up',
    'addr add 172.31.1.254/24 dev one',
    'addr add fd00:31:1::fe/64 dev one nodad',
    'link add two type bridge',
    'link set two up',
    ...(routed ? ['addr add 172.31.2.254/24 dev two', 'addr add fd00:31:2::fe/64 dev two nodad'] : []),
  ]);
  for (const path of ['ipv4/ip_forward', 'ipv6/conf/all/forwarding']) await fabric.sysctls.write(path, '1');
}

/** Has `ip` do all of it. */
export async function feed({ commands }: Namespace, lines: readonly string[]): Promise<void> {
  const { code, errors } = await commands.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  if (code !== 0) throw new Error(`${errors}\n${lines.join('\n')}`);
}

/** Of a node in its pod network. */
export function ownAddresses({ pods }: Pick<LabNode, 'pods'>): LabNode['pods'] {
  return { IPv4: pods.IPv4.replace('/24', ''), IPv6: pods.IPv6.replace('/64', '') };
}
