import { describe, expect, test } from 'vitest';
import { Candidates } from '../kit/candidates.ts';

const DURATION = 15_000;
const DEADLINE = 10_000;
/** The longest time between two looks at the lease. */
const RETRY = 2_400;
/** What a few requests take in these tests, and the step in which they look. */
const SLACK = 150;

/** A leader that has led for a while, and another that waits. */
async function pair() {
  const world = new Candidates();
  const east = await world.start('east');
  await world.pass(3_000);
  const west = await world.start('west');
  await world.pass(20_000);
  expect([east.election.leading, west.election.leading]).toEqual([true, false]);
  return { world, east, west };
}

test('the first one leads at once, renews, and says so once', async () => {
  const world = new Candidates();
  const east = await world.start('east');
  expect(await world.untilLeading(east, 1_000)).toBeLessThanOrEqual(SLACK);
  const { acquireTime } = world.store.spec ?? {};
  await world.pass(600_000);
  expect(east.told).toEqual(['gained']);
  expect(world.store.spec).toMatchObject({
    holderIdentity: east.election.identity,
    leaseDurationSeconds: 15,
    leaseTransitions: 0,
    acquireTime,
  });
  expect(acquireTime).toMatch(/^2030-01-01T00:00:00\.\d{6}Z$/);
  const renewedAt = Date.parse(String(world.store.spec?.['renewTime'])) - Date.UTC(2030, 0, 1);
  expect(world.clock.now() - renewedAt).toBeLessThan(RETRY + SLACK);
  expect(world.logs.map(({ msg }) => msg)).toEqual(['this process leads']);
});

test('two with the same name are two', async () => {
  const world = new Candidates();
  const one = await world.start('host');
  const other = await world.start('host');
  await world.pass(60_000);
  expect([one, other].filter(({ election }) => election.leading)).toHaveLength(1);
  expect(world.mostAtOnce.count).toBe(1);
});

describe('the next one leads', () => {
  test('after the lease time, where the leader was killed', async () => {
    const { world, east, west } = await pair();
    east.kill();
    const took = await world.untilLeading(west, 60_000);
    // The last renewal was up to a look before the kill, and west saw it up to a look later than it was made.
    expect(took).toBeGreaterThan(DURATION - RETRY - SLACK);
    expect(took).toBeLessThan(DURATION + RETRY + SLACK);
    expect([world.mostAtOnce.count, world.store.spec?.['leaseTransitions']]).toEqual([1, 1]);
  });

  test('at its next look, where the leader stopped', async () => {
    const { world, east, west } = await pair();
    const { signal } = east;
    const stopped = east.election.stop();
    expect([east.election.leading, signal?.aborted]).toEqual([false, true]);
    expect(await world.untilLeading(west, 60_000)).toBeLessThan(RETRY + SLACK);
    await stopped;
    expect(east.told).toEqual(['gained', 'it stops']);
    expect(world.mostAtOnce.count).toBe(1);
  });

  test('and who stops without leading leaves the lease alone', async () => {
    const { world, east, west } = await pair();
    const stopped = west.election.stop();
    await world.pass(30_000);
    await stopped;
    expect([east.election.leading, east.told, west.told]).toEqual([true, ['gained'], []]);
  });
});

describe.each(['no-request', 'no-answer'] as const)('the API server is away for the leader (%s)', broken => {
  test('it ceases to lead before another one can, and follows when it is back', async () => {
    const { world, east, west } = await pair();
    const { signal } = east;
    east.way.broken = broken;
    await world.pass(DEADLINE - RETRY - SLACK);
    expect(east.election.leading).toBe(true);
    await world.pass(RETRY + SLACK + (broken === 'no-answer' ? RETRY : 0));
    expect([east.election.leading, signal?.aborted, west.election.leading]).toEqual([false, true, false]);
    // Renewals that arrive without an answer keep the lease, and nobody leads.
    if (broken === 'no-answer') east.way.broken = 'no-request';
    await world.untilLeading(west, 60_000);
    east.way.broken = undefined;
    await world.pass(60_000);
    expect([east.election.leading, west.election.leading]).toEqual([false, true]);
    expect(east.told).toHaveLength(2);
    expect(east.told[1]).toMatch(/^the lease was not renewed for 10 s: no answer within 5 s$/);
    expect(world.mostAtOnce.count).toBe(1);
  });
});

test('the API server is away for all: nobody leads, and somebody does when it is back; each change is one line', async () => {
  const { world, east, west } = await pair();
  world.logs.length = 0;
  for (const { way } of world.all) way.broken = 'no-request';
  await world.pass(300_000);
  expect([east.election.leading, west.election.leading]).toEqual([false, false]);
  for (const { way } of world.all) way.broken = undefined;
  await world.pass(DURATION + RETRY);
  expect(world.all.filter(({ election }) => election.leading)).toHaveLength(1);
  expect(world.mostAtOnce.count).toBe(1);
  const lines = Map.groupBy(world.logs, ({ msg }) => msg.replace(/;.*/, ''));
  const counts = Object.fromEntries([...lines].map(([text, { length }]) => [text, length]));
  expect(counts).toMatchObject({
    'cannot read and write Lease causeway-system/controller': 2,
    'this process does not lead any more': 1,
    'the lease can be read and written again': 2,
    'this process leads': 1,
  });
});

describe('the lease is written, but the answer', () => {
  /** While the first write is on its way: a look takes two seconds, and a write as long. */
  async function writing() {
    const world = new Candidates();
    const east = await world.start('east', 1_000);
    await world.pass(3_500);
    expect([world.store.spec?.['holderIdentity'], east.told]).toEqual([east.election.identity, []]);
    return { world, east };
  }

  test('comes to a process that has stopped: it does not lead', async () => {
    const { world, east } = await writing();
    const stopped = east.election.stop();
    await world.pass(10_000);
    await stopped;
    expect([east.told, east.election.leading]).toEqual([[], false]);
  });

  test('comes when the renewal is good no more: it leads with the next one', async () => {
    const { world, east } = await writing();
    east.wallOffset += 60_000;
    await world.pass(1_000);
    expect([east.told, east.election.leading]).toEqual([[], false]);
    await world.pass(10_000);
    expect([east.told, east.election.leading]).toEqual([['gained'], true]);
  });
});

describe('clocks', () => {
  test('of hosts that are hours apart make no difference', async () => {
    const world = new Candidates();
    const east = await world.start('east');
    const west = await world.start('west');
    west.wallOffset = 5 * 3_600_000;
    east.wallOffset = 0;
    await world.pass(120_000);
    expect(world.all.map(({ told }) => told.length).sort()).toEqual([0, 1]);
    expect(world.mostAtOnce.count).toBe(1);
  });

  test('a time of day that is set back is nothing to the leader', async () => {
    const { world, east } = await pair();
    east.wallOffset -= 3_600_000;
    await world.pass(60_000);
    expect([east.election.leading, east.told]).toEqual([true, ['gained']]);
  });

  test('a process that was stopped knows that it does not lead when it goes on', async () => {
    const { world, east } = await pair();
    const before = east.signal;
    world.clock.jump(DEADLINE + 1);
    expect(east.election.leading).toBe(false);
    await world.pass(1);
    expect([before?.aborted, east.told.length]).toEqual([true, 2]);
    await world.pass(60_000);
    expect(world.mostAtOnce.count).toBe(1);
  });

  test('a machine that slept, whose clock did not count, does not lead either', async () => {
    const { world, east, west } = await pair();
    const before = east.signal;
    east.wallOffset += 60_000;
    expect(east.election.leading).toBe(false);
    await world.pass(RETRY);
    expect([before?.aborted, east.told[1]]).toEqual([true, 'time has passed that this process did not see']);
    // Nobody has taken the lease in the meantime, so it is renewed.
    expect([east.election.leading, west.election.leading]).toEqual([true, false]);
  });
});

describe('a lease that somebody else writes to', () => {
  test('deleted: the leader writes it anew, and who knew of the leader waits', async () => {
    const { world, east, west } = await pair();
    world.store.remove();
    await world.pass(60_000);
    expect([east.told, west.told]).toEqual([['gained'], []]);
    expect(world.store.spec?.['holderIdentity']).toBe(east.election.identity);
  });

  test('given to another: the leader ceases at its next look', async () => {
    const { world, east } = await pair();
    world.store.write({
      holderIdentity: 'north',
      leaseDurationSeconds: 15,
      renewTime: 'now',
      leaseTransitions: 7,
    });
    await world.pass(RETRY + SLACK);
    expect(east.told).toEqual(['gained', 'north has taken the lease']);
    expect(east.signal?.aborted).toBe(true);
    await world.pass(DURATION);
    expect(world.store.spec?.['leaseTransitions']).toBe(8);
  });

  test.each([
    ['nothing', {}],
    ['nonsense', { holderIdentity: 7, leaseDurationSeconds: -3, renewTime: {}, leaseTransitions: 'x' }],
    ['a holder without a time', { holderIdentity: 'north', leaseDurationSeconds: 'x' }],
  ])('with %s in it, somebody leads within the lease time', async (_name, spec) => {
    const world = new Candidates();
    world.store.write(spec);
    const east = await world.start('east');
    expect(await world.untilLeading(east, 60_000)).toBeLessThan(DURATION + SLACK);
    expect(world.store.spec?.['leaseTransitions']).toBe(1);
  });
});

test('whoever deals with a change of leadership may fail: it goes on', async () => {
  const { world, east } = await pair();
  Object.defineProperty(east.told, 'push', {
    value: () => {
      throw new Error('no');
    },
  });
  east.way.broken = 'no-request';
  await world.pass(60_000);
  east.way.broken = undefined;
  await world.pass(60_000);
  expect(world.all.filter(({ election }) => election.leading)).toHaveLength(1);
  expect(world.logs.filter(({ level }) => level === 'error')).toHaveLength(1);
});
