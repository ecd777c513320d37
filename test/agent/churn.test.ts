import { expect, test, vi } from 'vitest';
import { preview } from '../../src/agent/once.ts';
import { seededRandom } from '../kit/random.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

const SOON = { timeout: 45_000, interval: 50 };
const CLUSTERS = ['west', 'north', 'south'];

/** One thing that happens: at the API server, or to a kernel that somebody else has a hand on. */
function happen(node: RoutedNode, random: () => number): unknown {
  const chance = (most: number): number => Math.floor(random() * most);
  const cluster = CLUSTERS[chance(3)] ?? '';
  const number = chance(6);
  const block = `10.${20 + chance(4)}.${chance(6)}.0/24`;
  switch (chance(6)) {
    case 0:
      return node.api.remove({ kind: 'RemoteNode', metadata: { name: `${cluster}.n${number}` } });
    case 1:
      return node.api.remove({ kind: 'RemoteCluster', metadata: { name: cluster } });
    case 2:
      return node.api.load(
        remoteCluster(cluster, { annotations: 'causeway.dev/allow-mass-removal: "true"' }),
      );
    case 3:
      return node.commands.run('ip', ['route', 'del', block, 'table', '7795']);
    default:
      return node.api.load(remoteNode(cluster, number, block, `172.31.2.${10 + chance(9)}`));
  }
}

test.each([1, 2, 3])(
  'however it came about, the kernel comes to what a new agent would make of it (%i)',
  async seed => {
    const node = await RoutedNode.start([EAST_CLUSTER, ...CLUSTERS.map(id => remoteCluster(id))].join('---'));
    await node.agent().start();
    const random = seededRandom(seed);
    for (let round = 0; round < 4; round++) {
      for (let step = 0; step < 15; step++) await happen(node, random);
      node.changed();
      await vi.waitFor(async () => {
        const lines = await preview(node.parts());
        expect(lines.filter(line => !line.startsWith('#'))).toEqual([]);
      }, SOON);
    }
    expect(node.routes().length).toBeGreaterThan(0);
  },
);
