import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MARKS } from '../../../src/routes/model.ts';
import { waitFor } from '../kit/wait.ts';
import { LONG, Rotation } from './rotating.ts';

let rotation: Rotation;

describe('two clusters that require encryption', () => {
  beforeAll(async () => {
    rotation = await Rotation.of('Required');
  }, LONG);
  afterAll(() => rotation.remove());
  beforeEach(() => rotation.atRest(), LONG);

  test(
    'its agent is killed in every phase, and that at the other end, too',
    async () => {
      const { here, there } = rotation.lab;
      const { lost, story, clear } = await rotation.changing([here], async () => {
        for (const phase of ['announced', 'leaving', 'withdrawn', 'returning', 'closing']) {
          await rotation.reached(here, phase);
          await Promise.all([
            rotation.killAndStart(here),
            phase === 'leaving' || rotation.killAndStart(there),
          ]);
        }
      });
      expect(lost, story).toEqual([0, 0]);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );

  test(
    'nodes of both clusters at once, and the agent of one is killed: it waits for nobody',
    async () => {
      const { here, there } = rotation.lab;
      const { lost, story, clear } = await rotation.changing([here, there], async () => {
        await waitFor('both Nodes bear next keys', () =>
          [here, there].every(({ announced }) => announced !== undefined),
        );
        await rotation.killAndStart(here);
        await rotation.reached(here, 'leaving');
        expect(here.agent?.output()).not.toContain('key change: waiting');
        await rotation.reached(here, 'returning');
        await rotation.killAndStart(here);
      });
      expect(lost, story).toEqual([0, 0]);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );

  test(
    'the port of the detour is closed: unreachable for a while, never in clear',
    async () => {
      await rotation.wire.cut([MARKS.wireguard.detour.port]);
      const { seconds, clear, took } = await rotation.changing([rotation.lab.here]);
      await rotation.wire.mend();
      for (const one of seconds) expect(one).toBeLessThan(30);
      expect(took).toBeLessThan(120);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );

  test(
    'nobody hears of next keys: unreachable for a while, never in clear',
    async () => {
      rotation.areControllersOld = true;
      const { seconds, clear, took } = await rotation.changing([rotation.lab.here]);
      rotation.areControllersOld = false;
      for (const one of seconds) expect(one).toBeLessThan(30);
      expect(took).toBeLessThan(120);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );
});
