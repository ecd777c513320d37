import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { exported, openDirectory, temporaryDirectory, write } from '../../kit/directory.ts';

const PATHS = ['east/a.yaml', 'east/b.yaml', 'east/sub/a.yaml', 'west/a.yaml'] as const;

/** What a file may hold. The last three are faults: what is served then depends on what was there before. */
const TEXTS = [
  exported('one', '10.0.0.1'),
  exported('one', '10.0.0.2', 81),
  `${exported('two', '10.0.0.3')}---\n${exported('one', '10.0.0.4')}`,
  exported('two', '10.0.0.5').split('---')[1] ?? '',
  exported('one', 'no address', 0),
  'broken: [',
  '# nothing\n',
] as const;
const GOOD = TEXTS.length - 3;

type Edit =
  | { readonly write: string; readonly text: number }
  | { readonly remove: string }
  | { readonly move: string; readonly to: string }
  | { readonly wait: number };

const path = fc.constantFrom(...PATHS);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ write: path, text: fc.nat(TEXTS.length - 1) }),
  fc.record({ remove: path }),
  fc.record({ move: path, to: path }),
  fc.record({ wait: fc.constantFrom(0, 20, 120) }),
);

async function apply(root: string, one: Edit): Promise<void> {
  if ('write' in one) write(root, one.write, TEXTS[one.text] ?? '');
  else if ('remove' in one) rmSync(join(root, one.remove), { force: true });
  else if ('wait' in one) await sleep(one.wait);
  else if (existsSync(join(root, one.move)) && existsSync(join(root, one.to, '..'))) {
    renameSync(join(root, one.move), join(root, one.to));
  }
}

test('whatever happened on the way, the end is what a fresh load of the directory gives', async () => {
  const script = fc.array(edit, { minLength: 3, maxLength: 8 });
  const ending = fc.array(fc.nat(GOOD - 1), { minLength: PATHS.length, maxLength: PATHS.length });
  await fc.assert(
    fc.asyncProperty(script, ending, async (edits, texts) => {
      const root = temporaryDirectory({ 'east/a.yaml': TEXTS[1] });
      const travelled = await openDirectory(root, 'east');
      for (const one of edits) await apply(root, one);
      for (const [index, text] of texts.entries()) write(root, PATHS[index] ?? '', TEXTS[text] ?? '');
      const fresh = await openDirectory(root, 'east');
      const { reloadsOk: _ok, reloadsFailed: _failed, ...metrics } = fresh.metrics;
      await vi.waitFor(
        () => {
          expect(travelled.world()).toEqual(fresh.world());
          expect(travelled.metrics).toMatchObject(metrics);
          expect(travelled.source.mesh.conflicts).toEqual(fresh.source.mesh.conflicts);
        },
        { timeout: 10_000, interval: 10 },
      );
      await Promise.all([travelled.source.stop(), fresh.source.stop()]);
    }),
    { numRuns: 12 },
  );
}, 120_000);

test('a large load comes in batches, and each service in one of them whole', async () => {
  const count = 600;
  const namesOf = (cluster: number) =>
    Array.from({ length: count }, (_, index) => exported(`service-${index}`, `10.${cluster}.0.1`)).join(
      '---\n',
    );
  const root = temporaryDirectory({ 'east/all.yaml': namesOf(1), 'west/all.yaml': namesOf(2) });
  const { world, batches, synced } = await openDirectory(root);
  expect(batches.length).toBeGreaterThan(1);
  expect(Math.max(...batches)).toBeLessThan(count);
  expect(batches.reduce((sum, size) => sum + size)).toBe(count);
  expect(synced).toEqual([count]);
  expect(world().filter(line => !line.endsWith(' east=10.1.0.1 west=10.2.0.1'))).toEqual([]);
});
