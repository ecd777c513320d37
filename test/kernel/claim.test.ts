import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { claimHost, isClaimed } from '../../src/kernel/claim.ts';

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
  expect(await isClaimed(place)).toBe(true);
  giveUp();
  expect(await isClaimed(place)).toBe(false);
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

test.each<{ row: string; say: (client: Socket) => void }>([
  { row: 'words for a terminal', say: client => client.end('\u001b[31m1') },
  { row: 'what is too long for a number', say: client => client.end('7'.repeat(100_000)) },
  {
    row: 'the same without end',
    say: client => {
      const more = (): void => void client.write('7'.repeat(1_000), error => error || more());
      more();
    },
  },
  { row: 'nothing', say: client => client.end() },
])('of what somebody else says who has the name, nothing is shown: $row', async ({ say }) => {
  const place = name();
  const server = createServer(client => say(client.on('error', () => {})));
  await once(server.listen(place), 'listening');
  onTestFinished(() => void server.close());
  await expect(claimHost(place)).rejects.toMatchObject({
    code: 'AGENT_RUNS',
    message: expect.stringContaining('already: a process that does not say its number; there'),
  });
});

test('what keeps it from listening otherwise is told as it is, and not as another agent', async () => {
  const nowhere = join(import.meta.dirname, 'no-such-folder', 'name');
  await expect(claimHost(nowhere)).rejects.toMatchObject({
    syscall: 'listen',
    code: expect.not.stringMatching('AGENT'),
  });
});
