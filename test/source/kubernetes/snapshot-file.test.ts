import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImportObject } from '../../../src/source/kubernetes/objects.ts';
import { encodeSnapshot, MAX_LINE } from '../../../src/source/kubernetes/snapshot.ts';
import { readSnapshot, writeLines } from '../../../src/source/kubernetes/snapshot-file.ts';
import { Pace } from '../../../src/source/pace.ts';
import { temporaryDirectory } from '../../kit/directory.ts';

const written = new Date('2026-01-31T12:00:00Z');
const never = new AbortController().signal;

function namespaces(count: number): ImportObject[] {
  return Array.from({ length: count }, (_, index) => ({ kind: 'Namespace', name: `shop-${index}` }));
}

async function write(path: string, objects: readonly ImportObject[], signal = never): Promise<number> {
  return writeLines(path, encodeSnapshot({ written, cluster: 'west' }, objects), new Pace(), signal);
}

describe('a snapshot file', () => {
  test('gives back what was written, over as many reads as it takes', async () => {
    const path = join(temporaryDirectory(), 'snapshot.ndjson');
    const objects = namespaces(20_000);
    expect(await write(path, objects)).toBe(readFileSync(path).length);
    expect(await readSnapshot(path, new Pace())).toEqual({ written, cluster: 'west', objects });
  });

  test('that is not there is none', async () => {
    expect(await readSnapshot(join(temporaryDirectory(), 'snapshot.ndjson'), new Pace())).toBeUndefined();
  });

  test('whose writing is given up stays what it was, and nothing is left beside it', async () => {
    const root = temporaryDirectory();
    const path = join(root, 'snapshot.ndjson');
    await write(path, namespaces(1));
    const before = readFileSync(path, 'utf8');
    await expect(write(path, namespaces(3), AbortSignal.abort(new Error('stopped')))).rejects.toThrow(
      'stopped',
    );
    expect([readFileSync(path, 'utf8'), readdirSync(root)]).toEqual([before, ['snapshot.ndjson']]);
  });

  test('takes the place of what another left half-written', async () => {
    const root = temporaryDirectory({ 'snapshot.ndjson.new': 'half' });
    await write(join(root, 'snapshot.ndjson'), namespaces(1));
    expect(readdirSync(root)).toEqual(['snapshot.ndjson']);
  });

  test('with a line that never ends is not read to its end', async () => {
    const path = join(temporaryDirectory(), 'snapshot.ndjson');
    writeFileSync(path, Buffer.alloc(2 * MAX_LINE, 0x20));
    await expect(readSnapshot(path, new Pace())).rejects.toThrow(`a line of more than ${MAX_LINE} octets`);
  });

  test('that is damaged anywhere is found out', async () => {
    const path = join(temporaryDirectory(), 'snapshot.ndjson');
    await write(path, namespaces(3));
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        writeFileSync(path, damaged);
        await expect(readSnapshot(path, new Pace())).rejects.toThrow();
        writeFileSync(path, whole.subarray(0, at));
        await expect(readSnapshot(path, new Pace())).rejects.toThrow();
      }),
    );
  });
});
