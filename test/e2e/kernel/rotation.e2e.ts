import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeNextKey } from '../../../src/kernel/private-key.ts';
import { LONG, Rotation } from './rotating.ts';

let rotation: Rotation;

describe.each(['Required', 'Preferred'] as const)('two clusters, and encryption is %s', encryption => {
  beforeAll(async () => {
    rotation = await Rotation.of(encryption);
  }, LONG);
  afterAll(() => rotation.remove());
  beforeEach(() => rotation.atRest(), LONG);

  test(
    'a node gets another key: no packet is lost, and none goes in clear',
    async () => {
      const { lost, story, clear, around } = await rotation.changing([rotation.lab.here]);
      expect(lost, story).toEqual([0, 0]);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
      expect(around).toBeGreaterThan(1_000);
    },
    LONG,
  );
});

describe('two clusters that require encryption', () => {
  beforeAll(async () => {
    rotation = await Rotation.of('Required');
  }, LONG);
  afterAll(() => rotation.remove());
  beforeEach(() => rotation.atRest(), LONG);

  test(
    'nodes of both clusters at once',
    async () => {
      const { here, there } = rotation.lab;
      const { lost, story, clear } = await rotation.changing([here, there]);
      expect(lost, story).toEqual([0, 0]);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );

  test(
    'one after the other: the second waits',
    async () => {
      const { lab } = rotation;
      const { lost, story, clear } = await rotation.changing([lab.here], async () => {
        await rotation.reached(lab.here, 'leaving');
        await makeNextKey(lab.folderOf(lab.there));
        await rotation.reached(lab.there, 'waiting');
      });
      expect(lab.there.agent?.output()).toContain('key change: done');
      expect(lost, story).toEqual([0, 0]);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );
});

describe('two clusters far from each other that require encryption', () => {
  beforeAll(async () => {
    rotation = await Rotation.of('Required');
    await rotation.wire.lengthen(25);
  }, LONG);
  afterAll(() => rotation.remove());
  beforeEach(() => rotation.atRest(), LONG);

  test(
    'nodes of both hear of each other at once, so that each asks while the other does',
    async () => {
      const { here, there } = rotation.lab;
      const { lost, story, clear } = await rotation.changing([here, there]);
      expect(lost, story).toEqual([0, 0]);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );
});
