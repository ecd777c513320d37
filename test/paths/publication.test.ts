import { describe, expect, test } from 'vitest';
import type { DataPath } from '../../src/objects/node-annotations.ts';
import { pathsToPublish, verdictOfAll } from '../../src/paths/publication.ts';

/** `west=up north=?`; `?`: asked, and nothing known yet. */
function pathsIn(text: string): Map<string, DataPath | undefined> {
  const words = text.split(' ').filter(word => word !== '');
  return new Map(
    words.map(word => {
      const [cluster = '', verdict] = word.split('=');
      return [cluster, verdict === 'up' || verdict === 'down' ? verdict : undefined];
    }),
  );
}

const setOf = (text: string): Set<string> => new Set(text.split(' ').filter(word => word !== ''));

const WEST = { clusters: 'west' as string | undefined, synced: 'west' };

describe('what a node publishes of its paths', () => {
  test.each([
    { row: 'nothing while nothing is known', published: '', asked: 'west=?', ...WEST, result: '' },
    { row: 'a verdict', published: '', asked: 'west=up', ...WEST, result: 'west=up' },
    { row: 'another verdict', published: 'west=up', asked: 'west=down', ...WEST, result: 'west=down' },
    { row: 'the same after a restart', published: 'west=up', asked: 'west=?', ...WEST, result: 'west=up' },
    {
      row: 'the same before any cluster is known',
      published: 'west=down north=up',
      asked: '',
      clusters: undefined,
      synced: '',
      result: 'west=down north=up',
    },
    {
      row: 'the same before its nodes are known',
      published: 'west=down',
      asked: '',
      clusters: 'west',
      synced: '',
      result: 'west=down',
    },
    {
      row: 'nothing of a cluster that has no node to ask',
      published: 'west=down',
      asked: '',
      clusters: 'west',
      synced: 'west',
      result: '',
    },
    {
      row: 'nothing of a cluster that was disconnected',
      published: 'west=up north=up',
      asked: 'west=up',
      clusters: 'west',
      synced: 'west',
      result: 'west=up',
    },
  ])('$row', ({ published, asked, clusters, synced, result }) => {
    const found = pathsToPublish({
      published: pathsIn(published) as Map<string, DataPath>,
      asked: pathsIn(asked),
      clusters: clusters === undefined ? undefined : setOf(clusters),
      synced: setOf(synced),
    });
    expect(found).toEqual(pathsIn(result));
  });
});

test.each([
  [['up', 'up'], 'up'],
  [['up', 'down'], 'up'],
  [['up', undefined], 'up'],
  [['down', undefined], undefined],
  [['down', 'down'], 'down'],
  [[undefined], undefined],
  [[], undefined],
] as const)('families %j: %s', (verdicts, expected) => {
  expect(verdictOfAll(verdicts)).toBe(expected);
});
