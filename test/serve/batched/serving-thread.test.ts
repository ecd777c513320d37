import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { VersionBoard } from '../../../src/answer/version-board.ts';
import { ServingThread } from '../../../src/serve/batched/serving-thread.ts';
import { loadSystemCalls } from '../../../src/serve/batched/system-calls.ts';
import { FastCounts } from '../../../src/serve/fast-counts.ts';
import { SETTINGS } from '../../kit/oracle.ts';

test('a thread that fails says why and is started again; it can be stopped all the same', async () => {
  const lines: string[] = [];
  const { cookieSecret, nsid, payloadSize } = SETTINGS;
  const thread = new ServingThread({
    calls: await loadSystemCalls(),
    // No socket has this number, so receiving from it fails with EBADF, which is 9.
    socket: 1_000_000,
    board: VersionBoard.words(),
    counts: FastCounts.words(),
    fastPath: { cookieSecret, nsid, payloadSize, answers: 16, hashSeed: 1 },
    limit: undefined,
    log: pino({}, { write: line => lines.push(line) }),
    slow: () => {},
  });
  await vi.waitFor(() => expect(lines.length).toBeGreaterThanOrEqual(2), { timeout: 30_000 });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    msg: 'thread that serves udp failed',
    err: { message: 'recvmmsg failed with errno 9' },
  });
  await thread.stop();
}, 60_000);
