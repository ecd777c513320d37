import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Lists } from '../../src/kernel/lists.ts';
import type { Netlink } from '../../src/kernel/netlink.ts';
import { SystemCallError } from '../../src/ops/c-library.ts';
import { MARKS } from '../../src/routes/model.ts';
import { FakeCommands, fakePlace } from '../kit/kernel/fake-commands.ts';
import { WEST } from '../kit/kernel/nodes.ts';
import { World } from '../kit/kernel/world.ts';

const EPERM = 1;

/** Answers one question after the other, as the kernel does, and refuses one of them. */
class Refusing implements Pick<Netlink, 'dump'> {
  readonly #netlink: Netlink;
  readonly #refused: number;
  #before: Promise<unknown> = Promise.resolve();
  asked = 0;

  constructor(netlink: Netlink, refused: number) {
    this.#netlink = netlink;
    this.#refused = refused;
  }

  dump: Netlink['dump'] = request => {
    this.asked += 1;
    const isRefused = this.asked === this.#refused;
    const answer = this.#before.then(async () => {
      await setImmediate();
      if (isRefused) throw new SystemCallError('netlink', EPERM);
      return this.#netlink.dump(request);
    });
    this.#before = answer.catch(() => {});
    return answer;
  };

  /** Resolves when everything that was asked is answered, and whoever is to hear of it has heard. */
  async rest(): Promise<void> {
    await this.#before;
    await setImmediate();
  }
}

function unheardRejections(): unknown[] {
  const unheard: unknown[] = [];
  const hear = (reason: unknown) => unheard.push(reason);
  process.on('unhandledRejection', hear);
  onTestFinished(() => {
    process.off('unhandledRejection', hear);
  });
  return unheard;
}

test('whichever list the kernel refuses, the caller is told, and nothing is left that nobody hears', async () => {
  const commands = new FakeCommands();
  await (await World.of(fakePlace(commands))).pass(WEST);
  const unheard = unheardRejections();
  const { index } = commands.network.device(MARKS.vxlan.device);
  const read = (netlink: Pick<Netlink, 'dump'>) =>
    new Lists(netlink, MARKS).read(new Map([[index, MARKS.vxlan.device]]), new Map());
  const willing = new Refusing(commands.netlink, 0);
  await read(willing);
  // The sets, what is in each, the rules; the routes of two tables and families; neighbours; forwarding entries.
  expect(willing.asked).toBeGreaterThan(10);
  for (let refused = 1; refused <= willing.asked; refused++) {
    const netlink = new Refusing(commands.netlink, refused);
    await expect(read(netlink), `the ${refused}th list`).rejects.toThrow(
      /^asking the kernel for the .*: EPERM/,
    );
    await netlink.rest();
  }
  expect(unheard).toEqual([]);
});
