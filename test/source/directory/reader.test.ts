import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FileReader } from '../../../src/source/directory/reader.ts';
import { Pace } from '../../../src/source/pace.ts';
import { exported, temporaryDirectory, write } from '../../kit/directory.ts';

async function read(text: string | Buffer, size = Buffer.byteLength(text)) {
  const root = temporaryDirectory();
  write(root, 'a', text);
  const reader = new FileReader(new Pace());
  onTestFinished(() => reader.stop());
  return reader.read(join(root, 'a'), { path: 'east/a', cluster: 'east', stamp: '1', size });
}

/** Two objects each, about 250 octets as YAML. */
function services(count: number): string[] {
  return Array.from({ length: count }, (_, index) => exported(`service-${index}`, '10.0.0.1'));
}

/** One document that is a list, in YAML. */
function yamlList(count: number): string {
  const items = Array.from({ length: count }, (_, index) => {
    return `- { apiVersion: v1, kind: Namespace, metadata: { name: team-${index} } }\n`;
  });
  return `apiVersion: v1\nkind: List\nitems:\n${items.join('')}`;
}

function jsonList(count: number): string {
  const items = Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `team-${index}`, annotations: { filler: 'x'.repeat(2000) } },
  }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 1);
}

describe.each([
  ['small YAML', services(10).join('---\n'), 20],
  ['large YAML of small documents', services(200).join('---\n'), 400],
  ['a large YAML document', yamlList(400), 400],
  ['small JSON', jsonList(10), 10],
  ['large JSON', jsonList(1200), 1200],
])('%s', (_what, text, count) => {
  test('is read whole, in its order', async () => {
    const { objects, remarks } = await read(text);
    expect([objects.size, remarks]).toEqual([
      count,
      { findings: [], findingsDropped: 0, refused: [], refusedUnnamed: false },
    ]);
    expect([...objects.keys()][0]).toMatch(/-0$/);
    expect([...objects.keys()].at(-1)).toMatch(/9$/);
  });

  test('that is cut short is broken, with a line', async () => {
    const { objects, remarks } = await read(`${text.slice(0, text.length / 2)}\n  "`);
    expect(objects.size).toBe(0);
    expect(remarks.fault?.line).toBeGreaterThan(1);
  });
});

test.each([
  ['YAML', services(200).join('---\n')],
  ['JSON', jsonList(1200)],
])('while large %s is read, the event loop turns', async (_what, text) => {
  let done = false;
  const reading = read(text).finally(() => {
    done = true;
  });
  let turns = 0;
  for (; !done; turns++) await setImmediate();
  await reading;
  expect(turns).toBeGreaterThan(10);
});

test('a file of more than 64 MiB is not looked into', async () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'east'));
  write(root, 'east/a.yaml', '');
  truncateSync(join(root, 'east/a.yaml'), 65 * 1024 * 1024);
  const reader = new FileReader(new Pace());
  onTestFinished(() => reader.stop());
  for (const size of [10, 65 * 1024 * 1024]) {
    const file = { path: 'east/a.yaml', cluster: 'east', stamp: '1', size };
    const { remarks } = await reader.read(join(root, 'east/a.yaml'), file);
    expect(remarks.fault?.reason).toMatch(/65 MiB.*up to 64.*split/);
  }
});

test.each([10, 10_000_000])(
  'a pipe that has taken the place of a file holds up nothing (%d octets)',
  async size => {
    const root = temporaryDirectory();
    execFileSync('mkfifo', [join(root, 'pipe.yaml')]);
    const reader = new FileReader(new Pace());
    onTestFinished(() => reader.stop());
    const { remarks } = await reader.read(join(root, 'pipe.yaml'), {
      path: 'pipe.yaml',
      cluster: 'east',
      stamp: '1',
      size,
    });
    expect(remarks.fault?.reason).toBe('is no regular file');
  },
);

test.each([10, 10_000_000])('a file that is gone meanwhile is broken (%d octets)', async size => {
  const reader = new FileReader(new Pace());
  onTestFinished(() => reader.stop());
  const file = { path: 'east/none', cluster: 'east', stamp: '1', size };
  const { remarks } = await reader.read(join(temporaryDirectory(), 'none'), file);
  expect(remarks.fault?.reason).toContain('ENOENT');
});

test('many files at once, large and small, each get their own reading', async () => {
  const root = temporaryDirectory();
  const reader = new FileReader(new Pace());
  onTestFinished(() => reader.stop());
  const sizes = [1, 60, 2, 90, 3, 120];
  const readings = sizes.map(count => {
    const text = services(count).join('---\n');
    write(root, `${count}.yaml`, text);
    const file = { path: `${count}.yaml`, cluster: 'east', stamp: '1', size: text.length };
    return reader.read(join(root, `${count}.yaml`), file);
  });
  expect((await Promise.all(readings)).map(({ objects }) => objects.size / 2)).toEqual(sizes);
});
