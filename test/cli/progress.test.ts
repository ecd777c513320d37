import { describe, expect, test } from 'vitest';
import { withProgress } from '../../src/cli/progress.ts';
import { COLOURED } from '../../src/terminal/style.ts';
import { VirtualClock } from '../kit/clock.ts';
import { Screen } from '../kit/screen.ts';

interface Shown {
  readonly isTerminal: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly columns?: number;
}

/** Steps that go on only when the test says so, on a display whose text can be looked at. */
function display({ isTerminal, environment = { NO_COLOR: '1' }, columns = 60 }: Shown) {
  const clock = new VirtualClock();
  const screen = new Screen();
  const terminal = {
    environment,
    progress: (text: string) => screen.write(text),
    isTerminal: { output: isTerminal, progress: isTerminal },
    columns,
  };
  return {
    clock,
    screen,
    /** What stands on the screen, in one frame of the turning wheel. */
    shown: () => screen.text.replaceAll(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g, '⠋'),
    run: (work: Parameters<typeof withProgress>[1]) => withProgress(terminal, work, clock),
  };
}

/** Resolves after so much time of the clock. */
function later(clock: VirtualClock, milliseconds: number): Promise<void> {
  return new Promise(resolve => {
    clock.after(milliseconds, resolve);
  });
}

describe('on a terminal', () => {
  test('what runs is drawn again in place, below what is finished', async () => {
    const { clock, shown, run } = display({ isTerminal: true });
    const done = run(async step => {
      await step('Apply definitions', () => later(clock, 1_200));
      await step('Wait for pods', async detail => {
        detail('0 of 2 pods ready');
        await later(clock, 3_000);
        detail('1 of 2 pods ready');
        await later(clock, 3_000);
      });
    });
    await clock.advance(1_000);
    expect(shown()).toBe('⠋ Apply definitions 1.0 s\n');
    await clock.advance(2_000);
    expect(shown()).toBe('✓ Apply definitions (1.2 s)\n⠋ Wait for pods 1.8 s  0 of 2 pods ready\n');
    await clock.advance(2_000);
    expect(shown()).toBe('✓ Apply definitions (1.2 s)\n⠋ Wait for pods 3.8 s  1 of 2 pods ready\n');
    await clock.advance(3_000);
    await done;
    expect(shown()).toBe('✓ Apply definitions (1.2 s)\n✓ Wait for pods (6.0 s)\n');
    expect(clock.timers).toBe(0);
  });

  test('steps side by side each have their line, and end in the order in which they end', async () => {
    const { clock, shown, run } = display({ isTerminal: true });
    const done = run(step =>
      Promise.all([
        step('East', () => later(clock, 5_000)),
        step('West', () => later(clock, 2_000)),
        step('North', () => later(clock, 5_000)),
      ]),
    );
    await clock.advance(1_000);
    expect(shown()).toBe('⠋ East 1.0 s\n⠋ West 1.0 s\n⠋ North 1.0 s\n');
    await clock.advance(2_000);
    expect(shown()).toBe('✓ West (2.0 s)\n⠋ East 3.0 s\n⠋ North 3.0 s\n');
    await clock.advance(2_000);
    await done;
    expect(shown()).toBe('✓ West (2.0 s)\n✓ East (5.0 s)\n✓ North (5.0 s)\n');
  });

  test('a line never wraps', async () => {
    const { clock, shown, run } = display({ isTerminal: true, columns: 24 });
    const done = run(step =>
      step('Wait for pods', async detail => {
        detail('1 of 2 pods ready');
        await later(clock, 2_000);
      }),
    );
    await clock.advance(1_000);
    expect(shown()).toBe('⠋ Wait for pods 1.0 s …\n');
    await clock.advance(1_000);
    await done;
  });

  test('a failure says why, and what ran beside it is left as it stood', async () => {
    const { clock, shown, run } = display({ isTerminal: true });
    const done = run(step =>
      Promise.all([
        step('East', () => later(clock, 5_000)),
        step('West', async () => {
          await later(clock, 2_000);
          throw new Error('no answer');
        }),
      ]),
    );
    const ended = expect(done).rejects.toThrow('no answer');
    await clock.advance(9_000);
    await ended;
    expect(shown()).toBe('✗ West (2.0 s): no answer\n⠋ East 2.0 s\n');
  });

  test('is coloured', async () => {
    const { screen, run } = display({ isTerminal: true, environment: {} });
    await run(step => step('Apply', async () => {}));
    expect(screen.written).toContain(`${COLOURED.good('✓')} Apply`);
  });
});

describe.each([
  { where: 'into a file', isTerminal: false, environment: {} },
  { where: 'on a dumb terminal', isTerminal: true, environment: { TERM: 'dumb' } },
])('$where', ({ isTerminal, environment }) => {
  test('a finished step is a line, and so is every five seconds a detail that has changed', async () => {
    const { clock, screen, run } = display({ isTerminal, environment });
    const done = run(async step => {
      await step('Apply definitions', async detail => {
        detail('3 of 6');
        await later(clock, 1_200);
      });
      await step('Wait for pods', async detail => {
        detail('0 of 2 pods ready');
        await later(clock, 12_000);
        detail('1 of 2 pods ready');
        await later(clock, 10_000);
      });
      await step('Ask', async () => {
        throw new Error('no answer');
      });
    });
    const ended = expect(done).rejects.toThrow('no answer');
    await clock.advance(30_000);
    await ended;
    expect(screen.written).toBe(`✓ Apply definitions (1.2 s)
… Wait for pods: 0 of 2 pods ready
… Wait for pods: 1 of 2 pods ready
✓ Wait for pods (22.0 s)
✗ Ask (0.0 s): no answer
`);
    expect(clock.timers).toBe(0);
  });
});

test('what the work comes to is what comes of it', async () => {
  const { run } = display({ isTerminal: false });
  expect(await run(async step => 1 + (await step('One', async () => 41)))).toBe(42);
});
