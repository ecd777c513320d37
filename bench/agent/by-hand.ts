import { findEngine } from '../../src/kernel/engine.ts';
import { IPIP } from '../../src/kernel/ipip.ts';
import { keyFileIn } from '../../src/kernel/private-key.ts';
import { MARKS, type Mode } from '../../src/routes/model.ts';
import { ownAddresses } from '../../test/e2e/kernel/feed.ts';
import type { Lab, LabNode } from '../../test/e2e/kernel/lab.ts';
import type { LabOptions } from '../../test/e2e/kernel/lab-options.ts';
import type { Namespace } from '../../test/e2e/kernel/namespace.ts';

/** A way between two nodes, as agents are told to make it and as somebody would make it who has only these two. */
export interface Way {
  readonly mode: Mode;
  /** What agents may choose from. */
  readonly modes: readonly Mode[];
  readonly options: LabOptions;
  /** Why it cannot be had on this machine; undefined where it can. */
  readonly missing?: (node: Namespace) => Promise<string | undefined>;
  /** What has to be there before the route. */
  readonly commands?: (self: LabNode, other: LabNode, lab: Lab) => Promise<string[]> | string[];
  /** Behind the block of the other node in `ip route`. */
  readonly route: (self: LabNode, other: LabNode) => string;
}

/** It would otherwise be left behind: what removes a namespace knows it by this name. */
const { device: WIREGUARD, port: WIREGUARD_PORT } = MARKS.wireguard;

/** A way that is measured is a row. */
export const WAYS: readonly Way[] = [
  {
    mode: 'vxlan',
    modes: ['vxlan'],
    options: { routed: true },
    commands: (self, other) => [
      `ip link add vx address ${macOf(self)} type vxlan id 77 local ${self.address} dev eth0 dstport 4795 nolearning`,
      'ip link set vx mtu 1450 up',
      `ip addr add ${ownAddresses(self).IPv4}/32 dev vx`,
      `bridge fdb replace ${macOf(other)} dev vx dst ${other.address} self permanent`,
      `ip neigh replace ${other.address} lladdr ${macOf(other)} dev vx nud permanent`,
    ],
    route: (self, { address }) => `via ${address} dev vx onlink src ${ownAddresses(self).IPv4} mtu 1450`,
  },
  {
    mode: 'wireguard',
    modes: ['vxlan'],
    options: { routed: true, encryption: 'Required' },
    missing: async ({ commands }) =>
      (await findEngine(commands, WIREGUARD)) === undefined
        ? 'this machine has neither WireGuard devices nor wireguard-go'
        : undefined,
    commands: async (self, other, lab) => {
      const engine = await findEngine(self.node.commands, WIREGUARD);
      return [
        engine === 'kernel' ? `ip link add ${WIREGUARD} type wireguard` : `wireguard-go ${WIREGUARD}`,
        `wg set ${WIREGUARD} private-key ${keyFileIn(lab.folderOf(self))} listen-port ${WIREGUARD_PORT} ` +
          `peer ${other.keys?.wireguardPublicKey} endpoint ${other.address}:${WIREGUARD_PORT} allowed-ips ${other.pods.IPv4}`,
        `ip addr add ${ownAddresses(self).IPv4}/32 dev ${WIREGUARD}`,
        `ip link set ${WIREGUARD} mtu 1440 up`,
      ];
    },
    route: self => `dev ${WIREGUARD} src ${ownAddresses(self).IPv4} mtu 1440`,
  },
  {
    mode: 'ipip',
    modes: ['ipip'],
    options: { routed: true },
    missing: async ({ commands }) => {
      const found = await new IPIP(commands, MARKS.ipip.device).find();
      return found === true ? undefined : found;
    },
    commands: self => [
      `ip link add ipip77 type ipip local ${self.address} ttl 64`,
      `ip addr add ${ownAddresses(self).IPv4}/32 dev ipip77`,
      'ip link set ipip77 mtu 1480 up',
    ],
    route: (self, { address }) => `via ${address} dev ipip77 onlink src ${ownAddresses(self).IPv4} mtu 1480`,
  },
  {
    mode: 'direct',
    modes: ['direct'],
    options: { routed: false },
    route: (_, { address }) => `via ${address} dev eth0 mtu 1500`,
  },
  {
    mode: 'bgp',
    modes: ['bgp'],
    options: { routed: false, bgp: () => ({ as: 64_512, routers: [] }) },
    // What a daemon would put there, without the daemon.
    route: (_, { address }) => `via ${address} dev eth0 mtu 1500`,
  },
];

/** How much of what an ordinary node has a way by hand goes with. */
export type Surroundings = 'masquerade' | 'bare';

/**
 * Makes the way. With `masquerade`: as the agent does, the route in a table of its own, and around it the network
 * plugin's masquerade, with the exemption for the other node's pods that it cannot do without. With `bare`: the least
 * with which packets get there, on a node that tracks no connections.
 */
export async function makeByHand(lab: Lab, way: Way, surroundings: Surroundings): Promise<void> {
  const { here, there } = lab;
  for (const [self, other] of [
    [here, there],
    [there, here],
  ] as const) {
    const block = other.pods.IPv4;
    const route = `ip route replace ${block} ${way.route(self, other)}`;
    const around = {
      masquerade: [
        'ip rule add pref 90 lookup 77',
        `${route} table 77`,
        `nft insert rule inet plugin postrouting ip daddr ${block} accept`,
      ],
      bare: [route, 'nft delete table inet plugin'],
    }[surroundings];
    for (const line of [...((await way.commands?.(self, other, lab)) ?? []), ...around])
      await carryOut(self.node, line);
  }
}

export async function carryOut({ commands }: Namespace, line: string): Promise<void> {
  const [program = '', ...words] = line.split(' ');
  const { code, errors } = await commands.run(program, words);
  if (code !== 0) throw new Error(`${line}: ${errors}`);
}

function macOf({ cluster, number }: LabNode): string {
  return `02:00:00:00:0${cluster}:0${number}`;
}
