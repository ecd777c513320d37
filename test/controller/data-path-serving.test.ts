import { expect, test, vi } from 'vitest';
import type { ControlledCluster } from '../kit/controlled-cluster.ts';
import { exportedService, imports, joined, readiness, SOON } from '../kit/joined.ts';
import { nodeYaml } from '../kit/nodes.ts';

/** Both clusters export `pay`, so that west can do without east. West has three nodes. */
async function shared(): Promise<{ east: ControlledCluster; west: ControlledCluster }> {
  const { east, west } = await joined();
  east.api.load(exportedService('pay'));
  west.api.load(exportedService('pay'));
  say(west, 'up', 'up', 'up');
  return { east, west };
}

/** What the nodes of west say of the way to east; undefined: nothing. */
function say({ api }: ControlledCluster, ...verdicts: readonly ('up' | 'down' | undefined)[]): void {
  for (const [index, verdict] of verdicts.entries()) {
    const annotations = verdict && {
      'causeway.dev/data-path': JSON.stringify({ east: verdict, south: 'up' }),
    };
    api.load(nodeYaml(`n${index + 1}`, annotations && { annotations }));
  }
}

/** `False Unreachable, False PartlyUnreachable`: Serving and DataPathReachable. */
function told({ api }: ControlledCluster): string {
  const [remote] = api.store.objects('causeway.dev/remoteclusters');
  const conditions = (Object(remote?.['status']).conditions ?? []) as Record<string, string>[];
  const of = (type: string): string => {
    const found = conditions.find(one => one['type'] === type);
    return `${found?.['status']} ${found?.['reason']}`;
  };
  return [of('Serving'), of('DataPathReachable'), of('Synced')].join(', ');
}

function message({ api }: ControlledCluster): string {
  const [remote] = api.store.objects('causeway.dev/remoteclusters');
  const conditions = (Object(remote?.['status']).conditions ?? []) as Record<string, string>[];
  return conditions.find(({ type }) => type === 'DataPathReachable')?.['message'] ?? '';
}

const WELL = 'True Serving, True Reachable, True Synced';
const CUT = 'False Unreachable, False Unreachable, True Synced';

test('where most nodes get no packets through, nothing is sent to the cluster, and again when they do', async () => {
  const { east, west } = await shared();
  await west.control();
  await vi.waitFor(() => expect(told(west)).toBe(WELL), SOON);
  await vi.waitFor(() => expect(readiness(west, 'east')).toEqual([true]), SOON);

  say(west, 'down', 'up', 'up');
  await vi.waitFor(() => expect(told(west)).toBe('True Serving, False PartlyUnreachable, True Synced'), SOON);
  expect(readiness(west, 'east')).toEqual([true]);

  say(west, 'down', 'down', 'up');
  await vi.waitFor(() => expect([told(west), readiness(west, 'east')]).toEqual([CUT, [false]]), SOON);

  // The API server is there as ever, so what the cluster exports is followed meanwhile.
  east.api.load(exportedService('late'));
  await vi.waitFor(() => expect(imports(west)).toContain('shop/late'), SOON);

  say(west, 'up', 'up', 'up');
  await vi.waitFor(() => expect(told(west)).toBe(WELL), SOON);
  await vi.waitFor(() => expect(readiness(west, 'east')).toEqual([true, true]), SOON);
});

test('a cluster that was lost by most is back when fewer than a third lack it, also for the next controller', async () => {
  const { west } = await shared();
  const first = await west.control();
  say(west, 'down', 'down', 'up');
  await vi.waitFor(() => expect([told(west), readiness(west, 'east')]).toEqual([CUT, [false]]), SOON);
  say(west, 'down', 'up', 'up');
  // What the last node said is in the message as soon as it counts.
  await vi.waitFor(() => expect(message(west)).toContain('through: n1.'), SOON);
  expect([told(west), readiness(west, 'east')]).toEqual([CUT, [false]]);
  await first.stop();

  const second = await west.control();
  await vi.waitFor(() => expect(second.routing?.own.nodesKnown).toBe(true), SOON);
  await vi.waitFor(() => expect(second.remotes?.reportOf('east')?.allListed).toBe(true), SOON);
  expect(second.remotes?.reportOf('east')?.serving).toBe(false);
  say(west, 'down', 'up', 'up', 'up');
  await vi.waitFor(() => expect(told(west)).toBe('True Serving, False PartlyUnreachable, True Synced'), SOON);
  await vi.waitFor(() => expect(readiness(west, 'east')).toEqual([true]), SOON);
});

test('nodes that come and say nothing count too: one of five does not speak for all', async () => {
  const { west } = await joined();
  say(west, 'down');
  await west.control();
  await vi.waitFor(() => expect(told(west)).toBe(CUT), SOON);
  const silent = Array<undefined>(4).fill(undefined);
  say(west, 'down', ...silent);
  await vi.waitFor(() => expect(told(west)).toBe('True Serving, False PartlyUnreachable, True Synced'), SOON);
});

test('a node that is not ready says nothing: it may have said it long ago', async () => {
  const { west } = await shared();
  await west.control();
  say(west, 'down', 'up', 'up');
  await vi.waitFor(() => expect(told(west)).toContain('False PartlyUnreachable'), SOON);
  const annotations = { 'causeway.dev/data-path': '{"east":"down"}' };
  west.api.load(nodeYaml('n1', { annotations, ready: false }));
  await vi.waitFor(() => expect(told(west)).toBe(WELL), SOON);
});

test('a cluster that is cut off is so for the next controller from its first moment', async () => {
  const { west } = await shared();
  const first = await west.control();
  say(west, 'down', 'down', 'down');
  await vi.waitFor(() => expect([told(west), readiness(west, 'east')]).toEqual([CUT, [false]]), SOON);
  await vi.waitFor(() => expect(first.term?.counts).toMatchObject({ ready: 0, running: 0 }), SOON);
  await first.stop();

  const seen = new Set<string>();
  west.api.store.follow(() => seen.add(JSON.stringify([told(west), readiness(west, 'east')])));
  const refused = { status: 500 };
  west.api.faults.add('list', refused, 2, { collection: '/nodes' });
  const second = await west.control();
  await vi.waitFor(() => expect(second.routing?.own.nodesKnown).toBe(true), SOON);
  await vi.waitFor(() => expect(second.remotes?.reportOf('east')?.allListed).toBe(true), SOON);
  expect(second.remotes?.reportOf('east')?.serving).toBe(false);
  expect(readiness(west, 'east')).toEqual([false]);
  expect([...seen].filter(each => each.includes('true') || each.includes('True Serving'))).toEqual([]);
});

test('no agent, no verdict: the cluster serves', async () => {
  const { west } = await shared();
  say(west, undefined, undefined, undefined);
  await west.control();
  await vi.waitFor(() => expect(told(west)).toBe('True Serving, Unknown NotReported, True Synced'), SOON);
  await vi.waitFor(() => expect(readiness(west, 'east')).toEqual([true]), SOON);
});
