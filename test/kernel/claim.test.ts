import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { claimHost } from '../../src/kernel/claim.ts';

/** In no other test's way. */
const name = (): string => `\0causeway-test-${process.pid}-${performance.now()}`;

test('who comes second is told who was first, until that one gives it up', async () => {
  const place = name();
  const giveUp = await claimHost(place);
  const refused = {
    code: 'AGENT_RUNS',
    message: expect.stringContaining(`already: process ${process.pid};`),
  };
  await expect(claimHost(place)).rejects.toMatchObject(refused);
  giveUp();
  (await claimHost(place))();
});

test('it goes with the process that has it, whatever ends that', async () => {
  const place = name();
  const module = join(import.meta.dirname, '../../src/kernel/claim.ts');
  const program = `await (await import(${JSON.stringify(module)})).claimHost(${JSON.stringify(place)}); console.log('has it'); setInterval(() => {}, 1e6)`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  await expect(claimHost(place)).rejects.toThrow(`process ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'close');
  await vi.waitFor(async () => (await claimHost(place))());
});
