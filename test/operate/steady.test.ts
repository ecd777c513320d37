import { expect, test } from 'vitest';
import { statusOf } from '../../src/health/status.ts';
import { untilSteady } from '../../src/operate/steady.ts';
import type { Status } from '../../src/views/status.ts';
import { VirtualClock } from '../kit/clock.ts';
import { wellFacts } from '../kit/status-facts.ts';

const WELL = statusOf(wellFacts());
const ILL = statusOf({ ...wellFacts(), id: { value: undefined } });

/** Waits for at most a minute; each look takes a tenth of a second and sees what `world` says at its beginning. */
function awaiting(world: (now: number) => Status | Error, limit = 60_000) {
  const clock = new VirtualClock();
  const ended = new AbortController();
  const told: string[] = [];
  const look = async () => {
    const seen = world(clock.now());
    await new Promise<void>(resolve => clock.after(100, resolve));
    if (seen instanceof Error) throw seen;
    return seen;
  };
  const result = untilSteady({ look, limit, told: text => told.push(text), clock, signal: ended.signal });
  // What fails is looked at when the test does; until then it is nobody's.
  result.catch(() => {});
  return { clock, told, ended, result };
}

test('it is over when all has been well for five seconds, and not before', async () => {
  const { clock, told, result } = awaiting(() => WELL);
  let over = false;
  void result.then(() => {
    over = true;
  });
  await clock.advance(5_000);
  expect(over).toBe(false);
  await clock.advance(2_000);
  expect(await result).toEqual({ steady: true, status: WELL });
  expect(told[0]).toBe('all is well; it has to stay so for 5 s');
});

test('one bad look, and the five seconds begin anew', async () => {
  const { clock, told, result } = awaiting(now => (now > 3_000 && now < 4_500 ? ILL : WELL));
  await clock.advance(9_000);
  expect(told).toContain(
    '1 checks are not good: cluster.clusterset.k8s.io: this cluster has no id (there is no such ClusterProperty)',
  );
  await clock.advance(3_000);
  expect(await result).toEqual({ steady: true, status: WELL });
  expect(clock.now()).toBeGreaterThan(9_500);
});

test('a cluster that gives no answer is waited for', async () => {
  const { clock, told, result } = awaiting(now => (now < 3_000 ? new Error('no answer') : WELL));
  await clock.advance(12_000);
  expect(await result).toMatchObject({ steady: true });
  expect(told[0]).toBe('no answer');
});

test('at the end of the time it says what was seen last', async () => {
  const { clock, result } = awaiting(() => ILL, 10_000);
  await clock.advance(10_000);
  expect(await result).toMatchObject({ steady: false, status: ILL });
});

test('or that nothing was to be seen', async () => {
  const { clock, result } = awaiting(() => new Error('no answer'), 10_000);
  await clock.advance(10_000);
  expect(await result).toMatchObject({ steady: false, fault: new Error('no answer') });
});

test('it can be interrupted', async () => {
  const { clock, ended, result } = awaiting(() => ILL);
  await clock.advance(1_500);
  ended.abort(new Error('ended by SIGINT'));
  await expect(result).rejects.toThrow('ended by SIGINT');
});
