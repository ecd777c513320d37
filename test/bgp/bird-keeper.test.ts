import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Bird } from '../../src/bgp/bird.ts';
import { BirdKeeper } from '../../src/bgp/bird-keeper.ts';
import type { SessionState } from '../../src/routes/bgp/bird-sessions.ts';
import type { Held } from '../../src/routes/gates.ts';
import { MARKS } from '../../src/routes/model.ts';
import { type Plan, plan } from '../../src/routes/plan.ts';
import { VirtualClock } from '../kit/clock.ts';
import { FakeCommands } from '../kit/kernel/fake-commands.ts';
import { EAST, nodesOf, policies } from '../kit/kernel/nodes.ts';

const W1 = 'west w1 172.31.1.41 10.21.1.0/24';
const BOTH = `${W1}\nwest w2 172.31.1.42 10.21.2.0/24`;

let folder: string;
let commands: FakeCommands;
let clock: VirtualClock;
let keeper: BirdKeeper;
let passwords: Map<string, string>;
let did: string[];
let failures: string[];
let looks: number;
let sessions: readonly SessionState[];

function keep(): BirdKeeper {
  return new BirdKeeper({
    bird: new Bird({ commands, folder, marks: MARKS }),
    marks: MARKS,
    clock,
    random: () => 0.5,
    passwords: async () => passwords,
    did: what => did.push(what),
    seen: seen => {
      looks++;
      sessions = seen;
    },
    failed: reason => failures.push(String(reason)),
  });
}

function planned(nodes: string, mode: 'bgp' | 'vxlan' = 'bgp'): Plan {
  const onLink = new Map(['172.31.1.41', '172.31.1.42'].map(address => [address, 'eth0']));
  const local = { ...EAST, onLink, ...(mode === 'bgp' ? { bgp: { as: 64_512, routers: [] } } : {}) };
  return plan({ local, marks: MARKS, policies: policies({ west: [mode] }), nodes: nodesOf(nodes) });
}

/** What may not be taken away yet, as the gates say it. */
function held(cidr: string): Held[] {
  const entry = [...planned(BOTH).entries.values()].find(
    one => one.entry.kind === 'route' && one.entry.destination === cidr,
  )?.entry;
  return entry === undefined ? [] : [{ why: 'Unsynced', waitsFor: [], entries: [entry] }];
}

/** Lets one look begin and end. */
async function look(after = 2_000): Promise<void> {
  const before = looks + failures.length;
  await clock.advance(after);
  await vi.waitFor(() => expect(looks + failures.length).toBeGreaterThan(before));
}

const learnt = (): string[] =>
  commands.network.routes.filter(({ protocol }) => protocol === '12').map(({ dst }) => dst);

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'causeway-bird-')), 'state');
  commands = new FakeCommands();
  clock = new VirtualClock();
  [did, failures, sessions, looks, passwords] = [[], [], [], 0, new Map()];
  keeper = keep();
  keeper.want({ plan: planned(BOTH), held: [] });
  await look(0);
});

afterEach(async () => {
  await keeper.stop();
  await rm(join(folder, '..'), { recursive: true });
});

test('starts the daemon and sees its sessions; what it has to keep is for nobody else to read', async () => {
  expect(did).toEqual(['started']);
  expect(learnt()).toEqual(['10.21.1.0/24', '10.21.2.0/24']);
  expect(sessions.map(({ neighbor, state }) => `${neighbor} ${state}`)).toEqual([
    '172.31.1.41 Established',
    '172.31.1.42 Established',
  ]);
  expect((await stat(join(folder, 'bird.conf'))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('does nothing while nothing changes', async () => {
  await look();
  await look();
  expect([commands.bird.starts, commands.bird.configurations]).toEqual([1, 0]);
});

test('gives a running daemon what changed, passwords as well', async () => {
  keeper.want({ plan: planned(W1), held: [] });
  await look(0);
  expect(learnt()).toEqual(['10.21.1.0/24']);
  passwords.set('172.31.1.41', 'a secret');
  await look();
  expect(commands.bird.text).toContain('password "a secret";');
  expect([commands.bird.starts, commands.bird.configurations]).toEqual([1, 2]);
});

test('starts one that died again within seconds, and has it recover', async () => {
  commands.bird.crash();
  await look();
  expect(did).toEqual(['started', 'started']);
  expect(commands.bird.recovers).toBe(true);
  expect(learnt()).toEqual(['10.21.1.0/24', '10.21.2.0/24']);
});

test('where nobody is to be reached by BGP any more, ends it and takes its routes away', async () => {
  keeper.want({ plan: planned(BOTH, 'vxlan'), held: [] });
  await look(0);
  expect(did).toEqual(['started', 'ended']);
  expect([commands.bird.text, learnt(), sessions]).toEqual([undefined, [], []]);
  expect(await readdir(folder)).not.toContain('bird.conf');
});

test('one that hangs up while it ends has ended', async () => {
  const { run } = commands;
  let ending = false;
  commands.run = async (program, args, input) => {
    const outcome = await run.call(commands, program, args, input);
    if (ending && program === 'birdc')
      return { code: 1, output: '', errors: 'Server read error: Connection reset by peer' };
    ending = args.includes('down');
    return outcome;
  };
  keeper.want({ plan: planned(BOTH, 'vxlan'), held: [] });
  await look(0);
  expect([failures, did]).toEqual([[], ['started', 'ended']]);
});

describe('a process that begins', () => {
  beforeEach(async () => {
    await keeper.stop();
    keeper = keep();
  });

  test('takes over the daemon of the one before', async () => {
    keeper.want({ plan: planned(BOTH), held: [] });
    await look(0);
    expect([commands.bird.starts, commands.bird.configurations]).toEqual([1, 0]);
    expect(sessions).toHaveLength(2);
  });

  test('leaves it as it is while something may not be taken away, and does not know what else that takes', async () => {
    keeper.want({ plan: planned(W1), held: held('10.21.2.0/24') });
    await look(0);
    expect(learnt()).toEqual(['10.21.1.0/24', '10.21.2.0/24']);
    keeper.want({ plan: planned(W1), held: [] });
    await look(0);
    expect(learnt()).toEqual(['10.21.1.0/24']);
  });

  test('leaves it as it is where it does not know of anybody to speak to, until all of it may go', async () => {
    keeper.want({ plan: planned(BOTH, 'vxlan'), held: held('10.21.2.0/24') });
    await look(0);
    expect(learnt()).toEqual(['10.21.1.0/24', '10.21.2.0/24']);
    expect([commands.bird.starts, commands.bird.configurations]).toEqual([1, 0]);
    keeper.want({ plan: planned(BOTH, 'vxlan'), held: [] });
    await look(0);
    expect([commands.bird.text, learnt()]).toEqual([undefined, []]);
  });

  test('starts a dead one as it was for as long', async () => {
    const before = await readFile(join(folder, 'bird.conf'), 'utf8');
    commands.bird.crash();
    keeper.want({ plan: planned(W1), held: held('10.21.2.0/24') });
    await look(0);
    expect(commands.bird.text).toBe(before);
  });

  test('starts one by what it knows where nothing is left of the one before', async () => {
    commands.bird.crash();
    await rm(folder, { recursive: true });
    keeper.want({ plan: planned(W1), held: held('10.21.2.0/24') });
    await look(0);
    expect(learnt()).toEqual(['10.21.1.0/24']);
  });
});

test('what may not be taken away stays, while other things change', async () => {
  keeper.want({ plan: planned('west w1 172.31.1.41 10.21.9.0/24'), held: held('10.21.2.0/24') });
  await look(0);
  expect(learnt()).toEqual(['10.21.9.0/24', '10.21.2.0/24']);
});

test('without BIRD it says what is missing, and tries again', async () => {
  const { run } = commands;
  commands.bird.crash();
  commands.run = () => Promise.reject(new Error('spawn birdc ENOENT'));
  await look();
  expect(failures[0]).toContain('running birdc: spawn birdc ENOENT; BGP needs BIRD 2 (the package bird2)');
  commands.run = run;
  await look();
  expect(did).toEqual(['started', 'started']);
});
