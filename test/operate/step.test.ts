import { expect, test } from 'vitest';
import { withProgress } from '../../src/cli/progress.ts';
import { stepThatMayFail } from '../../src/operate/step.ts';

test('what comes to nothing is not shown as done, and goes on', async () => {
  let progress = '';
  const terminal = {
    environment: {},
    progress: (text: string) => {
      progress += text.replace(/\(\d+\.\d s\)/, '(N s)');
    },
    isTerminal: { output: false, progress: false },
    columns: 80,
  };
  const values = await withProgress(terminal, async step => {
    const ready = (count: number) =>
      stepThatMayFail(
        step,
        `Wait for ${count}`,
        async () => count,
        seen => (seen < 2 ? `${seen} of 2 pods ready` : undefined),
      );
    return [await ready(2), await ready(1)];
  });
  expect(values).toEqual([2, 1]);
  expect(progress).toBe('✓ Wait for 2 (N s)\n✗ Wait for 1 (N s): 1 of 2 pods ready\n');
});

test('what is thrown is thrown on', async () => {
  const failing = stepThatMayFail(
    (_title, work) => work(() => {}),
    'Wait',
    () => Promise.reject(new Error('the server is gone')),
    () => 'not reached',
  );
  await expect(failing).rejects.toThrow('the server is gone');
});
