import { expect, test } from 'vitest';
import { difference } from '../../src/routes/diff.ts';
import { MARKS } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { stagesOf } from '../../src/routes/stages.ts';
import { EAST, nodesOf, WEST, WEST_AND_NORTH } from '../kit/kernel/nodes.ts';

const planned = plan({ local: EAST, nodes: nodesOf(WEST), policies: WEST_AND_NORTH, marks: MARKS });
const gates = {
  clusters: new Set<string>(),
  synced: new Set<string>(),
  owners: new Map(),
  released: new Set<string>(),
};
const { operations } = difference(planned, new Map(), gates);

test('all operations are done, those of a lane in their order', () => {
  const stages = stagesOf(operations);
  const all = stages.flat(2);
  expect(new Set(all)).toEqual(new Set(operations));
  expect(all).toHaveLength(operations.length);
  for (const lane of stages.flat()) {
    const places = lane.map(operation => operations.indexOf(operation));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  }
});

test('routes wait for the firewall, neighbours and forwarding entries, which do not wait for each other', () => {
  const kinds = stagesOf(operations).map(lanes =>
    lanes.map(lane => [...new Set(lane.map(({ entry }) => entry.kind))]),
  );
  expect(kinds).toEqual([
    [['link']],
    [['sysctl']],
    [['address']],
    [['ruleset', 'element'], ['forwarding'], ['neighbour']],
    [['route'], ['route']],
    [['rule'], ['rule']],
  ]);
});
