import type { Mode } from '../../src/routes/model.ts';
import type { LabNode } from '../../test/e2e/kernel/lab.ts';

/** A way between two nodes as somebody would make it who has only these two. */
export interface Way {
  readonly mode: Mode;
  /** Whether there is a router between the nodes. */
  readonly routed: boolean;
  readonly commands: (self: LabNode, other: LabNode) => readonly string[];
}

/** A way that is measured is a row. */
export const WAYS: readonly Way[] = [
  {
    mode: 'vxlan',
    routed: true,
    commands: (self, other) => [
      `ip link add vx address ${macOf(self)} type vxlan id 77 local ${self.address} dev eth0 dstport 4795 nolearning`,
      'ip link set vx mtu 1450 up',
      `ip addr add ${ownAddress(self)}/32 dev vx`,
      `bridge fdb replace ${macOf(other)} dev vx dst ${other.address} self permanent`,
      `ip neigh replace ${other.address} lladdr ${macOf(other)} dev vx nud permanent`,
      `ip route replace ${other.pods.IPv4} via ${other.address} dev vx onlink src ${ownAddress(self)} mtu 1450`,
    ],
  },
  {
    mode: 'direct',
    routed: false,
    commands: (_, other) => [`ip route replace ${other.pods.IPv4} via ${other.address} dev eth0 mtu 1500`],
  },
];

function macOf({ cluster, number }: LabNode): string {
  return `02:00:00:00:0${cluster}:0${number}`;
}

function ownAddress({ pods }: LabNode): string {
  return pods.IPv4.replace('/24', '');
}
