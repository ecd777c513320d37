import { describe, expect, test } from 'vitest';
import { foldDataPath, rememberedDataPath } from '../../src/controller/data-path.ts';
import { initialHealth } from '../../src/controller/health.ts';
import { type RemoteFacts, remoteConditionsOf } from '../../src/controller/remote-conditions.ts';

/** `up down - up`: what n1, n2, n3 … say; `-` nothing. */
function folded(says: string) {
  const words = says.split(' ').filter(word => word !== '');
  return foldDataPath(
    words.map((word, index) => ({
      node: `n${index + 1}`,
      says: word === '-' ? undefined : (word as 'up' | 'down'),
    })),
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
    ['most of those that say anything do not', 'down down up - - - -', 'Unreachable'],
    ['the only one that says anything does not', '- down -', 'Unreachable'],
    ['nobody gets through', 'down down', 'Unreachable'],
  ])('%s: %s', (_, says, reason) => {
    expect(folded(says).reason).toBe(reason);
  });

  test('names those that do not get through, in order and not without end', () => {
    const nodes = ['n3', 'n1', 'n7', 'n2', 'n5', 'n6', 'n4'].map(node => ({ node, says: 'down' as const }));
    expect(foldDataPath(nodes).found).toBe('Nodes that get no packets through: n1, n2, n3, n4, n5 and more');
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
