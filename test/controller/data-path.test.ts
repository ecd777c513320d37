import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldDataPath, rememberedDataPath } from '../../src/controller/data-path.ts';
import { initialHealth } from '../../src/controller/health.ts';
import { type RemoteFacts, remoteConditionsOf } from '../../src/controller/remote-conditions.ts';

/** `up down 3×-`: what n1, n2, n3 … say; `-` nothing. */
function folded(says: string, wasLost = false) {
  const words = says.split(' ').flatMap(word => {
    const [times, one = ''] = word.includes('×') ? word.split('×') : ['1', word];
    return one === '' ? [] : Array<string>(Number(times)).fill(one);
  });
  return foldDataPath(
    words.map((word, index) => ({
      node: `n${index + 1}`,
      says: word === '-' ? undefined : (word as 'up' | 'down'),
    })),
    wasLost,
  );
}

describe('what the nodes say together', () => {
  test.each([
    ['there is no node', '', 'NotReported'],
    ['nobody says anything', '- - -', 'NotReported'],
    ['all get through', 'up up up', 'Reachable'],
    ['the only one that says anything gets through', '- up -', 'Reachable'],
    ['one of three does not', 'up down up', 'PartlyUnreachable'],
    ['just half do not', 'up down', 'PartlyUnreachable'],
    ['most do not', 'down down up', 'Unreachable'],
    ['the only node does not', 'down', 'Unreachable'],
    ['nobody gets through', '100×down', 'Unreachable'],
    ['the first agent of a hundred nodes does not', 'down 99×-', 'PartlyUnreachable'],
    ['the first agent of three nodes does not', 'down - -', 'PartlyUnreachable'],
    ['agents on one pool in ten nodes, none gets through', '10×down 90×-', 'PartlyUnreachable'],
    ['agents on half of the nodes, none gets through', '50×down 50×-', 'Unreachable'],
    ['half of the agents of such a pool do not', '25×down 25×up 50×-', 'PartlyUnreachable'],
    ['agents on the workers only, none gets through', '2×down 3×-', 'Unreachable'],
    ['the first to say anything after a rollout do not', '20×down 80×-', 'PartlyUnreachable'],
    ['those that are silent are few, most others do not', '40×down 30×up 30×-', 'Unreachable'],
  ])('%s: %s', (_, says, reason) => {
    expect(folded(says).reason).toBe(reason);
  });

  test.each([
    ['still most do not', '51×down 49×up', 'Unreachable'],
    ['half do not', '50×down 50×up', 'Unreachable'],
    ['still more than a third do not', '34×down 66×up', 'Unreachable'],
    ['a third does not', '33×down 66×up', 'Unreachable'],
    ['fewer than a third do not', '33×down 67×up', 'PartlyUnreachable'],
    ['one of two does not', 'down up', 'Unreachable'],
    ['one of three does not', 'down 2×up', 'Unreachable'],
    ['one of four does not', 'down 3×up', 'PartlyUnreachable'],
    ['the first agent of a hundred nodes, by which it was lost, does not', 'down 99×-', 'PartlyUnreachable'],
    ['all get through', '3×up', 'Reachable'],
    ['the agents are gone, and what they said', '3×-', 'NotReported'],
  ])('of a cluster that was lost, %s: %s', (_, says, reason) => {
    expect(folded(says, true).reason).toBe(reason);
  });

  const [LOST, PARTLY] = ['Unreachable', 'PartlyUnreachable'];
  test.each([
    [
      'three nodes',
      ['down 2×up', '2×down up', 'down 2×up', '2×down up', '3×up'],
      [PARTLY, LOST, LOST, LOST, 'Reachable'],
    ],
    [
      'four',
      ['2×down 2×up', '3×down up', '2×down 2×up', 'down 3×up', '2×down 2×up'],
      [PARTLY, LOST, LOST, PARTLY, PARTLY],
    ],
    [
      'a hundred',
      ['50×down 50×up', '51×down 49×up', '50×down 50×up', '51×down 49×up'],
      [PARTLY, LOST, LOST, LOST],
    ],
  ])('of %s one comes and goes across the half: nothing moves but the first time', (_, steps, expected) => {
    let wasLost = false;
    const reasons = steps.map(says => {
      const { reason } = folded(says, wasLost);
      wasLost = reason === LOST;
      return reason;
    });
    expect(reasons).toEqual(expected);
  });

  test('a node more that does not get through never brings a cluster back, and one more that does never loses it', () => {
    const counts = fc.record({ down: fc.nat(20), up: fc.nat(20), silent: fc.nat(20), wasLost: fc.boolean() });
    const isLost = (down: number, up: number, silent: number, wasLost: boolean) =>
      folded(`${down}×down ${up}×up ${silent}×-`, wasLost).reason === 'Unreachable';
    fc.assert(
      fc.property(counts, ({ down, up, silent, wasLost }) => {
        if (isLost(down, up + 1, silent, wasLost)) expect(isLost(down + 1, up, silent, wasLost)).toBe(true);
        if (isLost(down, up, silent, false)) expect(isLost(down, up, silent, true)).toBe(true);
      }),
    );
  });

  test('names those that do not get through, in order and not without end', () => {
    const nodes = ['n3', 'n1', 'n7', 'n2', 'n5', 'n6', 'n4'].map(node => ({ node, says: 'down' as const }));
    expect(foldDataPath(nodes, false).found).toBe(
      'Nodes that get no packets through: n1, n2, n3, n4, n5 and more',
    );
  });
});

describe('the conditions', () => {
  const facts: RemoteFacts = {
    contact: { reason: 'Answering' },
    sync: { reason: 'Synced' },
    health: initialHealth(0),
    limits: { lostAfter: 15_000, backAfter: 5_000 },
  };
  const short = (says: string): string[] =>
    remoteConditionsOf({ ...facts, routes: { nodes: { reason: 'Synced' }, dataPath: folded(says) } })
      .slice(2)
      .map(({ type, status, reason }) => `${type}=${status} ${reason}`);

  test.each([
    ['-', 'DataPathReachable=Unknown NotReported', 'Serving=True Serving'],
    ['up', 'DataPathReachable=True Reachable', 'Serving=True Serving'],
    ['up down', 'DataPathReachable=False PartlyUnreachable', 'Serving=True Serving'],
    ['down', 'DataPathReachable=False Unreachable', 'Serving=False Unreachable'],
  ])('%s: %s, %s', (says, dataPath, serving) => {
    expect(short(says)).toEqual([serving, 'NodesSynced=True Synced', dataPath]);
  });

  test('say nothing of a cluster that nobody routes to', () => {
    expect(remoteConditionsOf(facts).map(({ type }) => type)).not.toContain('DataPathReachable');
  });
});

test.each([
  ['Unreachable', 'Unreachable'],
  ['PartlyUnreachable', 'PartlyUnreachable'],
  ['Reachable', 'Reachable'],
  ['NotReported', 'NotReported'],
  ['SomethingNewer', 'NotReported'],
])('a controller that starts goes on from %s with %s', (written, remembered) => {
  const condition = { type: 'DataPathReachable', reason: written, message: '', lastTransitionTime: '' };
  expect(rememberedDataPath([{ ...condition, status: 'False' }]).reason).toBe(remembered);
});
