import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { childCommands } from '../../src/kernel/commands.ts';
import { Keeper, type Wanted } from '../../src/kernel/keeper.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { monitor } from '../../src/kernel/monitor.ts';
import { loadNetlinkCalls, netlinkBy } from '../../src/kernel/netlink.ts';
import { ownSysctls } from '../../src/kernel/sysctls.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { MARKS } from '../../src/routes/model.ts';
import { residentOf } from '../sync/process-usage.ts';
import { addressesAfter, fleetOf, moved } from './fleet.ts';

/** What one process came to that kept the kernel of an empty namespace: milliseconds, but for the last three. */
export interface Measured {
  /** The first look, at whose end everything is there. */
  readonly first: number;
  /** Looks that find nothing to do. */
  readonly atRest: readonly number[];
  /** From the begin of the look that the news of a move leads to until the kernel tells of the new route. */
  readonly moves: readonly number[];
  /** Those looks, to their ends. */
  readonly afterMoves: readonly number[];
  readonly firstOperations: number;
  readonly operationsAtRest: number;
  /** MiB. */
  readonly resident: { readonly now: number; readonly peak: number };
}

const netlink = netlinkBy(await loadNetlinkCalls());

const TIMES = 10;
/** Milliseconds after which no news of an earlier change is under way and the keeper waits for nothing else. */
const QUIET = 1_200;

/** Keeps the kernel of the namespace that it is started in, as an agent with so many peers does. */
class Subject {
  #wanted: Wanted;
  #begun = 0;
  #ended = Promise.withResolvers<{ readonly milliseconds: number; readonly operations: number }>();
  readonly #keeper = new Keeper({
    kernel: new Kernel({ commands: childCommands(), netlink, sysctls: ownSysctls(), marks: MARKS }),
    marks: MARKS,
    clock: systemClock,
    random: Math.random,
    wanted: async () => {
      this.#begun = performance.now();
      return toldAnew(this.#wanted);
    },
    passed: ({ operations, refused, plan: { faults } }) => {
      const milliseconds = performance.now() - this.#begun;
      const wrong = refused[0] ?? faults[0];
      if (wrong !== undefined) throw new Error(JSON.stringify(wrong));
      this.#ended.resolve({ milliseconds, operations: operations.length });
    },
    failed: reason => this.#ended.reject(reason),
  });

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  async measure(): Promise<Measured> {
    const { milliseconds: first, operations: firstOperations } = await this.#look(() => this.#keeper.news());
    const listening = monitor(() => this.#keeper.news(), MARKS);
    const atRest = await repeated(() => this.#look(() => this.#keeper.news()));
    const moves: number[] = [];
    const afterMoves = await repeated(async index => {
      const { route, look } = await this.#move(index + 1);
      moves.push(route);
      return look;
    });
    await sleep(QUIET);
    const resident = residentOf(process.pid);
    listening.stop();
    await this.#keeper.stop();
    return {
      ...{ first, firstOperations, moves, resident },
      atRest: atRest.map(({ milliseconds }) => milliseconds),
      operationsAtRest: atRest.reduce((sum, { operations }) => sum + operations, 0),
      afterMoves: afterMoves.map(({ milliseconds }) => milliseconds),
    };
  }

  #look(news: () => void) {
    this.#ended = Promise.withResolvers();
    news();
    return this.#ended.promise;
  }

  async #move(times: number) {
    const addresses = addressesAfter(times);
    const { told, stop } = newsOf(` via ${addresses[0]} `);
    try {
      await sleep(QUIET / 4);
      this.#wanted = moved(this.#wanted, addresses);
      const look = this.#look(() => this.#keeper.changed());
      return { route: (await told) - this.#begun, look: await look };
    } finally {
      stop();
    }
  }
}

/** As an agent works it out from what it knows: of all that only the nodes are the same objects as before. */
function toldAnew(wanted: Wanted): Wanted {
  const { local, policies, nodes, synced } = wanted;
  return { ...wanted, ...structuredClone({ local, policies, synced }), nodes: [...nodes] };
}

/** When the kernel tells of a route with these words. */
function newsOf(words: string): { readonly told: Promise<number>; stop(): void } {
  const child = spawn('ip', ['monitor', 'route'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { promise: told, resolve } = Promise.withResolvers<number>();
  createInterface(child.stdout).on('line', line => {
    if (line.includes(words)) resolve(performance.now());
  });
  return { told, stop: () => child.kill() };
}

async function repeated<Result>(what: (index: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < TIMES; index++) {
    await sleep(QUIET);
    results.push(await what(index));
  }
  return results;
}

const peers = Number(process.argv[2]);
// None: only what is measured is loaded, and so compiled.
if (peers > 0) {
  process.send?.(await new Subject(fleetOf(peers)).measure());
  if (process.connected) await once(process, 'disconnect');
}
