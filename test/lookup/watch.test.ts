import { expect, test } from 'vitest';
import { whyOf } from '../../src/lookup/facts.ts';
import { Watch } from '../../src/lookup/watch.ts';
import type { Zone } from '../../src/records/zone.ts';
import { changeLine, watchedText } from '../../src/views/watched.ts';
import { factsOf } from '../kit/lookup.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const START = Date.parse('2026-01-31T12:00:00Z');
const east = clusterOf('east', ['10.10.0.10'], { weight: 80 });
const west = clusterOf('west', ['10.20.0.10'], { weight: 20 });
const lost = (cluster: typeof east) => ({ ...cluster, serving: false });
const zone = (...clusters: Parameters<typeof serviceOf>[2]) =>
  zoneOf([serviceOf('shop', 'payments', clusters)]);

/** One round: what the server gives, and what the daemon says; undefined: nothing comes. */
interface Round {
  readonly given: Zone | undefined;
  readonly daemon?: Zone | undefined;
}

/** What is printed while it is watched, and at the end. */
function watch(rounds: readonly Round[]): { lines: string[]; summary: string } {
  const watched = new Watch(START);
  const lines = rounds.flatMap(({ given, daemon = given }, index) => {
    const server = {
      name: 'dns',
      zone: given ?? zone(),
      seed: index,
      ...(given ? {} : { between: () => undefined }),
    };
    const daemons = daemon === undefined ? [] : [{ name: 'dns', zone: daemon }];
    const facts = factsOf({ servers: [server], daemons });
    const asked = facts.servers[0]?.asked ?? { answered: false as const, reason: 'nobody' };
    const change = watched.take({
      at: START + index * 500,
      server: 'dns',
      asked,
      why: whyOf(facts.explanations),
    });
    return change === undefined ? [] : [changeLine(change)];
  });
  return { lines, summary: watchedText(watched.summary(START + rounds.length * 500)) };
}

test('what is drawn is no change, a cluster that is lost is one, and so is its coming back', () => {
  const both = { given: zone(east, west) };
  const { lines, summary } = watch([...Array(20).fill(both), { given: zone(lost(east), west) }, both, both]);
  expect(lines).toEqual([
    '12:00:00.000  dns  east, west\n',
    '12:00:10.000  dns  east, west → west\n',
    '12:00:10.500  dns  west → east, west\n',
  ]);
  expect(summary).toMatch(
    /^Watched for 12 s: 2 changes\n {2}dns: 23 asked, 0 without an answer; east \d+, west \d+\n$/,
  );
});

test('an answer that is missing, and for how long', () => {
  const one = { given: zone(east) };
  const { lines, summary } = watch([one, { given: undefined }, { given: undefined }, one]);
  expect(lines).toEqual([
    '12:00:00.000  dns  east\n',
    '12:00:00.500  dns  east → no answer: no answer within 2 s\n',
    '12:00:01.500  dns  no answer: no answer within 2 s → east\n',
  ]);
  expect(summary).toContain('4 asked, 2 without an answer (1.5 s at the longest); east 2');
});

test('a cluster that is still given, though it should not be', () => {
  const { lines } = watch([
    { given: zone(east) },
    { given: zone(east), daemon: zone(lost(east), west) },
    { given: zone(west) },
  ]);
  expect(lines.slice(1)).toEqual([
    '12:00:00.500  dns  east → west, but east was given\n',
    '12:00:01.000  dns  west, but east was given → west\n',
  ]);
});

test('codes, stale answers and names that are gone', () => {
  const { lines } = watch([
    { given: zone(lost(east)) },
    { given: zone({ ...east, weight: 0 }) },
    { given: zoneOf([]) },
    { given: zoneOf([], { synced: false }) },
  ]);
  expect(lines.map(line => line.slice(19))).toEqual([
    'east (stale: none serves)\n',
    'east (stale: none serves) → no record\n',
    'no record → NXDOMAIN\n',
    'NXDOMAIN → SERVFAIL\n',
  ]);
});

test('a server that nobody explains: its addresses', () => {
  const watched = new Watch(START);
  const facts = factsOf({ servers: [{ name: 'dns', zone: zone(east) }], daemons: [] });
  const asked = facts.servers[0]?.asked ?? { answered: false as const, reason: 'nobody' };
  expect(watched.take({ at: START, server: 'dns', asked, why: undefined })).toMatchObject({
    to: '10.10.0.10',
  });
});
