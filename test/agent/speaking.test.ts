import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Speaking } from '../../src/agent/speaking.ts';
import { Bird } from '../../src/bgp/bird.ts';
import type { Outcome } from '../../src/kernel/commands.ts';
import { loggerTo } from '../../src/ops/log.ts';
import { MARKS } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { VirtualClock } from '../kit/clock.ts';
import { FakeCommands } from '../kit/kernel/fake-commands.ts';
import { EAST, nodesOf, policies } from '../kit/kernel/nodes.ts';

/** Of a daemon that hangs. */
const HANGS: Outcome = { code: 128, output: '', errors: 'no answer within 5 s' };

test('while the daemon hangs nobody knows how its sessions stand, and its routes stay', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-speaking-'));
  const commands = new FakeCommands();
  const run = commands.run.bind(commands);
  const clock = new VirtualClock();
  const lines: string[] = [];
  let changes = 0;
  const log = loggerTo({ write: line => lines.push(line) }, 'info');
  const bird = new Bird({ commands, folder, marks: MARKS });
  const speaking = new Speaking({
    ...{ bird, clock, marks: MARKS, log, random: () => 0.5 },
    passwords: async () => new Map(),
    changed: () => {
      changes += 1;
    },
  });
  const states = (): string => speaking.sessions.map(({ state }) => state).join();
  const learnt = (): string[] =>
    commands.network.routes.filter(({ protocol }) => protocol === '12').map(({ dst }) => dst);
  const onLink = new Map([['172.31.1.41', 'eth0']]);
  const planned = plan({
    local: { ...EAST, onLink, bgp: { as: 64_512, routers: [] } },
    marks: MARKS,
    policies: policies({ west: ['bgp'] }),
    nodes: nodesOf('west w1 172.31.1.41 10.21.1.0/24'),
  });
  try {
    speaking.take({ plan: planned, held: [] });
    await clock.advance(0);
    await vi.waitFor(() => expect(states()).toBe('Established'));
    await clock.advance(2_000);
    expect(changes).toBe(1);
    commands.run = async (program, ...rest) => (program === 'birdc' ? HANGS : run(program, ...rest));
    await clock.advance(2_000);
    await vi.waitFor(() => expect(states()).toBe('Unknown'));
    expect(lines.at(-1)).toContain('asking BIRD to eval causeway_config: no answer within 5 s');
    expect(changes).toBe(2);
    expect(learnt()).toEqual(['10.21.1.0/24']);
    commands.run = run;
    await clock.advance(60_000);
    await vi.waitFor(() => expect(states()).toBe('Established'));
  } finally {
    await speaking.stop();
    await rm(folder, { recursive: true });
  }
});
