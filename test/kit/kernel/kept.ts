import { Keeper, type Pass, type Wanted } from '../../../src/kernel/keeper.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { VirtualClock } from '../clock.ts';
import { FakeCommands, fakePlace } from './fake-commands.ts';
import { EAST, NORTH, nodesOf, WEST, WEST_AND_NORTH } from './nodes.ts';
import { World } from './world.ts';

/** A kernel that is only values, and a keeper of it, whose looks are written down. */
export class Kept {
  readonly clock = new VirtualClock();
  readonly commands: FakeCommands;
  readonly world: World;
  readonly passes: Pass[] = [];
  readonly failures: unknown[] = [];
  wanted: Wanted | undefined = wants(`${WEST}\n${NORTH}`);
  keeper: Keeper;

  private constructor(commands: FakeCommands, world: World) {
    this.commands = commands;
    this.world = world;
    this.keeper = this.#keep();
  }

  static async begin(): Promise<Kept> {
    const commands = new FakeCommands();
    return new Kept(commands, await World.of(fakePlace(commands)));
  }

  /** The keeper's process ends and another begins, which remembers nothing. */
  async restart(): Promise<void> {
    await this.keeper.stop();
    this.keeper = this.#keep();
  }

  /** What is wanted from now on, until the look at it has ended. */
  async wants(wanted: Wanted | undefined = this.wanted): Promise<void> {
    this.wanted = wanted;
    this.keeper.changed();
    await this.clock.advance(600);
  }

  /** Something may have changed, until the look for it has ended. */
  async news(): Promise<void> {
    this.keeper.news();
    await this.clock.advance(600);
  }

  /** The destinations of our routes of IPv4. */
  get routes(): string[] {
    return this.commands.network.routes
      .filter(({ table, type, family }) => table === MARKS.table && type === 'unicast' && family === '-4')
      .map(({ dst }) => dst)
      .sort();
  }

  #keep(): Keeper {
    return new Keeper({
      kernel: this.world.kernel,
      marks: MARKS,
      clock: this.clock,
      random: () => 0.5,
      wanted: async () => this.wanted,
      passed: pass => this.passes.push(pass),
      failed: reason => this.failures.push(reason),
    });
  }
}

export function wants(nodes: string, synced = ['west', 'north']): Wanted {
  return {
    local: EAST,
    nodes: nodesOf(nodes),
    policies: WEST_AND_NORTH,
    synced: new Set(synced),
    released: new Set(),
  };
}
