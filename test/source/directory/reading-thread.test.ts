import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type ReadingLimits, ReadingThread } from '../../../src/source/directory/reading-thread.ts';
import { exported, temporaryDirectory } from '../../kit/directory.ts';

const small = exported('a', '10.0.0.1');
/** Takes a second and some hundred MiB. */
const large = `kind: List\nitems:\n${'- { a: 1, b: [1, 2, 3], c: { d: e } }\n'.repeat(12_000)}`;

function opened(limits?: ReadingLimits) {
  const root = temporaryDirectory({ 'small.yaml': small, 'large.yaml': large });
  const thread = limits ? new ReadingThread(limits) : new ReadingThread();
  onTestFinished(() => thread.stop());
  return (name: string) => thread.read(join(root, name));
}

test('a file that takes too long is broken', async () => {
  const read = opened({ time: 200, heap: 1024 });
  expect((await read('large.yaml')).remarks.fault?.reason).toMatch(/longer than 0.2 s.*JSON/);
});

test('a file that takes too much memory is broken, and the one behind it is read', async () => {
  const read = opened({ time: 60_000, heap: 24 });
  const [first, second] = [read('large.yaml'), read('small.yaml')];
  expect((await first).remarks.fault?.reason).toContain('memory');
  expect((await second).objects.size).toBe(2);
});

test('a file that is gone is broken', async () => {
  const read = opened();
  expect((await read('none.yaml')).remarks.fault?.reason).toContain('ENOENT');
  expect((await read('small.yaml')).objects.size).toBe(2);
});
