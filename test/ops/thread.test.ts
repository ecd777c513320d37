import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { expect, test } from 'vitest';
import { startThread } from '../../src/ops/thread.ts';

const moduleOf = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`);

const LIMIT = `
  import { parentPort } from 'node:worker_threads';
  import { getHeapStatistics } from 'node:v8';
  parentPort.postMessage(getHeapStatistics().heap_size_limit / 2 ** 20);
`;

test.each([
  { row: 'nothing says what the main thread may have', old: 0, semi: 0 },
  { row: 'it may have more', old: 700, semi: 16 },
  { row: 'it may have less', old: 40, semi: 0 },
])('a thread has the heap that it is given where $row', async ({ old, semi }) => {
  setFlagsFromString(`--max-old-space-size=${old}`);
  setFlagsFromString(`--max-semi-space-size=${semi}`);
  const thread = startThread(moduleOf(LIMIT), { heap: 80, young: 2 });
  const [limit] = await once(thread, 'message');
  // The young generation is in it, in thrice.
  expect(limit).toBeGreaterThan(80);
  expect(limit).toBeLessThan(90);
});

test('a thread that needs more ends, and nothing else does', async () => {
  const glutton = 'const kept = []; for (;;) kept.push({ kept });';
  const thread = startThread(moduleOf(glutton), { heap: 20 });
  await expect(once(thread, 'exit')).rejects.toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
});
