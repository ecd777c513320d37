import { beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/ops/clock.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';
import { SimulatedPaths } from '../kit/simulated-paths.ts';

const SOON = { timeout: 15_000, interval: 20 };
const LIMIT = 60_000;

const WEST = remoteCluster('west');
const WEST_1 = remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41', 'podNetworkAddresses: [10.21.1.1]');
const joined = (...yaml: string[]): string => [EAST_CLUSTER, ...yaml].join('---');

let network: SimulatedPaths;

beforeEach(() => {
  network = new SimulatedPaths(systemClock);
});

/** The node e1, whose annotation says so already, and the other clusters. */
async function started(said: string | undefined, ...yaml: string[]): Promise<RoutedNode> {
  const annotation = said === undefined ? '' : `, annotations: {causeway.dev/data-path: '${said}'}`;
  const node = await RoutedNode.start(
    joined(...yaml).replace('name: e1, uid: e-1', `name: e1, uid: e-1${annotation}`),
  );
  let drawn = 0n;
  node.probing = {
    port: 7795,
    nonce: () => {
      drawn += 1n;
      return drawn;
    },
    asker: answered => network.answersTo(answered),
  };
  return node;
}

const saidBy = (node: RoutedNode): string | undefined => node.annotations()['causeway.dev/data-path'];

describe('what a node says of the paths to other clusters', () => {
  test(
    'up, down when it is cut, and no more when nobody can be asked',
    async () => {
      const node = await started(undefined, WEST, WEST_1);
      await node.agent().start();
      await vi.waitFor(() => expect(saidBy(node)).toBe('{"west":"up"}'), SOON);
      network.cut = true;
      await vi.waitFor(() => expect(saidBy(node)).toBe('{"west":"down"}'), SOON);
      node.api.load(remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41'));
      await vi.waitFor(() => expect(saidBy(node)).toBeUndefined(), SOON);
    },
    LIMIT,
  );

  test.each(['{"west":"up"}', '{"west":"down"}'])(
    'an agent that starts leaves %s until it knows better',
    async said => {
      network.cut = said.includes('up');
      const node = await started(said, WEST, WEST_1);
      const changes: unknown[] = [];
      const watching = setInterval(() => {
        if (saidBy(node) !== said) changes.push(saidBy(node));
      }, 1);
      await node.agent().start();
      await vi.waitFor(() => expect(network.asked.get('10.21.1.1')).toBeGreaterThan(6), SOON);
      clearInterval(watching);
      expect(changes).toEqual([]);
      // Cut, it would be down after 10 s; answered, up after 5.
      await vi.waitFor(() => expect(saidBy(node)).not.toBe(said), SOON);
      expect(saidBy(node)).toBe(said.includes('up') ? '{"west":"down"}' : '{"west":"up"}');
    },
    LIMIT,
  );

  test(
    'down of a cluster that no way leads to, but not before it had time for one',
    async () => {
      const direct = remoteCluster('west', { spec: 'routingModes: [Direct]' });
      const behindRouter = WEST_1.replace('172.31.1.41', '172.31.9.41');
      const node = await started('{"west":"up"}', direct, behindRouter);
      await node.agent().start();
      const start = performance.now();
      await vi.waitFor(() => expect(saidBy(node)).toBe('{"west":"down"}'), { ...SOON, timeout: 45_000 });
      expect(performance.now() - start).toBeGreaterThan(9_000);
      expect(network.asked.size).toBe(0);
      node.api.load(WEST);
      await vi.waitFor(() => expect(saidBy(node)).toBe('{"west":"up"}'), SOON);
    },
    LIMIT,
  );

  test('one that ends says nothing else', async () => {
    const node = await started(undefined, WEST, WEST_1);
    const agent = node.agent();
    await agent.start();
    await vi.waitFor(() => expect(saidBy(node)).toBe('{"west":"up"}'), SOON);
    await agent.stop();
    expect(saidBy(node)).toBe('{"west":"up"}');
  });

  test('one that does not probe takes back what was said', async () => {
    const node = await started('{"west":"down"}', WEST, WEST_1);
    node.probing = undefined;
    await node.agent().start();
    await vi.waitFor(() => expect(saidBy(node)).toBeUndefined(), SOON);
  });
});
