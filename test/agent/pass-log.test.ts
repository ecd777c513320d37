import { expect, test } from 'vitest';
import { PassLog } from '../../src/agent/pass-log.ts';
import type { Pass } from '../../src/kernel/keeper.ts';
import { loggerTo } from '../../src/ops/log.ts';
import { difference } from '../../src/routes/diff.ts';
import { stateOf } from '../../src/routes/entry.ts';
import { MARKS } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { EAST, nodesOf, WEST, WEST_AND_NORTH } from '../kit/kernel/nodes.ts';

function logged() {
  const lines: string[] = [];
  const log = new PassLog(loggerTo({ write: line => lines.push(JSON.parse(line).msg) }, 'info'));
  /** What was added since the last call. */
  const news = () => lines.splice(0);
  return { log, news };
}

/** Of a kernel in which all of it is there already. */
function idle(nodes: string): Pass {
  const planned = plan({ local: EAST, nodes: nodesOf(nodes), policies: WEST_AND_NORTH, marks: MARKS });
  const there = stateOf(Array.from(planned.entries.values(), ({ entry }) => entry));
  const gates = {
    clusters: new Set<string>(),
    synced: new Set<string>(),
    owners: new Map(),
    released: new Set<string>(),
  };
  return {
    ...difference(planned, there, gates),
    plan: planned,
    refused: [],
    refusedAhead: 0,
    milliseconds: 20,
  };
}

const BAD = 'west w9 127.0.0.1 10.21.9.0/24';

test('a fault is told once, and again only after it was gone', () => {
  const { log, news } = logged();
  log.passed(idle(`${WEST}\n${BAD}`));
  expect(news()).toEqual([
    "node node-w9 of west: Invalid: addresses: found 127.0.0.1: is loopback, no node's address",
    'node node-w9 of west: Invalid: addresses: has none that it can be reached at; no way to its pods',
  ]);
  log.passed(idle(`${WEST}\n${BAD}`));
  log.passed(idle(WEST));
  expect(news()).toEqual([]);
  log.passed(idle(`${WEST}\n${BAD}`));
  expect(news()).toHaveLength(2);
});

test('thousands of faults are twenty lines and their number', () => {
  const { log, news } = logged();
  const bad = Array.from({ length: 1_000 }, (_, n) => `west x${n} 127.0.0.1 10.21.9.0/24`);
  log.passed(idle(bad.join('\n')));
  const lines = news();
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe('1980 more of the like: see /debug/peers');
});

test('a failure is told once, and its end', () => {
  const { log, news } = logged();
  log.failed('bridge fdb: No buffer space available', 200);
  log.failed('bridge fdb: No buffer space available', 400);
  expect(news()).toEqual(['the kernel could not be made what it shall be']);
  log.passed(idle(WEST));
  log.passed(idle(WEST));
  expect(news()).toEqual(['the kernel is as it shall be again']);
});

test('what is missing is told once, and again after it was known', () => {
  const { log, news } = logged();
  log.waiting('there is no Node e1');
  log.waiting('there is no Node e1');
  log.passed(idle(WEST));
  log.waiting('there is no Node e1');
  const line = 'nothing is done until this is known: there is no Node e1';
  expect(news()).toEqual([line, line]);
});

test('peers that are put anew are told of once in a row', () => {
  const { log, news } = logged();
  const told = (...keys: string[]): number => {
    log.peersRenewed('causeway-wg', new Set(keys));
    return news().length;
  };
  expect([told('A'), told('A'), told('A', 'B'), told('A')]).toEqual([1, 0, 1, 1]);
});
