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

/** Has `ip` do all of it. */
export async function feed({ commands }: Namespace, lines: readonly string[]): Promise<void> {
  const { code, errors } = await commands.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  if (code !== 0) throw new Error(`${errors}\n${lines.join('\n')}`);
}

/** Of a node in its pod network. */
export function ownAddresses({ pods }: Pick<LabNode, 'pods'>): LabNode['pods'] {
  return { IPv4: pods.IPv4.replace('/24', ''), IPv6: pods.IPv6.replace('/64', '') };
}
