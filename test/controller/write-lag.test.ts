import { describe, expect, test } from 'vitest';
import { WriteLag } from '../../src/controller/write-lag.ts';

/** A clock that is set by hand, in milliseconds. */
function measured() {
  const clock = { now: 0 };
  return { clock, lag: new WriteLag(() => clock.now) };
}

describe('the lag of a remote cluster', () => {
  test('of which nothing was heard', () => {
    expect(measured().lag.of('west')).toEqual({ waiting: 0 });
  });

  test('counts from the first news that is not written to the end of writing', async () => {
    const { clock, lag } = measured();
    lag.heard('shop/payments', 'west');
    clock.now = 100;
    lag.heard('shop/payments', 'west');
    lag.heard('shop/payments', 'north');
    expect(lag.of('west')).toEqual({ waiting: 1, longest: 100 });
    await lag.during('shop/payments', async () => {
      clock.now = 150;
      expect(lag.of('west')).toEqual({ waiting: 1, longest: 150 });
    });
    expect(lag.of('west')).toEqual({ last: 150, waiting: 0 });
    expect(lag.of('north')).toEqual({ last: 50, waiting: 0 });
  });

  test('goes on counting where writing fails', async () => {
    const { clock, lag } = measured();
    lag.heard('shop/payments', 'west');
    clock.now = 10;
    const failing = lag.during('shop/payments', () => Promise.reject(new Error('refused')));
    await expect(failing).rejects.toThrow('refused');
    clock.now = 30;
    expect(lag.of('west')).toEqual({ waiting: 1, longest: 30 });
    await lag.during('shop/payments', async () => {});
    expect(lag.of('west')).toEqual({ last: 30, waiting: 0 });
  });

  test('leaves what is heard while something is written for the next time', async () => {
    const { clock, lag } = measured();
    lag.heard('shop/payments', 'west');
    await lag.during('shop/payments', async () => {
      clock.now = 10;
      lag.heard('shop/payments', 'west');
    });
    clock.now = 15;
    expect(lag.of('west')).toEqual({ last: 10, waiting: 1, longest: 5 });
  });

  test('is untouched by what this cluster itself changes', async () => {
    const { lag } = measured();
    await lag.during('shop/payments', async () => {});
    expect(lag.of('west')).toEqual({ waiting: 0 });
  });
});
