import { expect, test } from 'vitest';
import { changedFiles, goneFiles, newsOf } from '../../../src/source/directory/news.ts';
import { brokenReading, type FileReading, readSteps } from '../../../src/source/directory/reading.ts';
import { exported } from '../../kit/directory.ts';

const file = { path: 'east/a.yaml', cluster: 'east', stamp: '1', size: 1 };

function reading(text: string): FileReading {
  const steps = readSteps(Buffer.from(text), true);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value ?? brokenReading('nothing read');
}

const good = exported('a', '10.0.0.1');

test.each([
  ['the same again', good, false],
  ['a changed object', exported('a', '10.0.0.2'), false],
  ['one more object', `${good}---\n${exported('b', '10.0.0.2')}`, false],
  ['a refused object', exported('a', '10.0.0.1', 0), false],
  ['one object less', good.split('---')[0] ?? '', true],
  ['another name', exported('b', '10.0.0.1'), true],
  ['nothing', '', true],
  ['a syntax error', 'a: [', true],
])('%s', (_what, text, bad) => {
  expect(newsOf(file, reading(text), reading(good).objects).bad).toBe(bad);
});

test('a broken file gives what it gave', () => {
  const held = reading(good).objects;
  expect(newsOf(file, reading('a: ['), held).next).toEqual(held);
});

test('a refused object gives what it gave, and the other objects what they give now', () => {
  const held = reading(`${exported('a', '10.0.0.1')}---\n${exported('b', '10.0.0.2')}`).objects;
  const { next } = newsOf(
    file,
    reading(`${exported('a', 'nonsense', 0)}---\n${exported('b', '10.0.0.3')}`),
    held,
  );
  expect(next.get('Service shop/a')?.object).toMatchObject({ clusterIPs: ['10.0.0.1'] });
  expect(next.get('Service shop/b')?.object).toMatchObject({ clusterIPs: ['10.0.0.3'] });
});

test('a file below a folder that cannot be listed is not gone', () => {
  const { remarks } = reading('');
  const known = new Map(
    ['east/a.yaml', 'east/sub/b.yaml', 'east/subway.yaml'].map(path => {
      return [path, { cluster: 'east', stamp: '1', held: 0, remarks }] as const;
    }),
  );
  const leftOut = [{ path: 'east/sub', reason: 'EACCES', unreadable: true }];
  const gone = goneFiles({ files: new Map(), clusters: ['east'], leftOut, listings: new Map() }, known);
  expect(gone.map(({ path }) => path)).toEqual(['east/a.yaml', 'east/subway.yaml']);
});

test('what could not be read for no fault of its own is read again at the next look', () => {
  const { stamp } = newsOf(file, { ...brokenReading('EIO: i/o error, read'), transient: true }, new Map());
  const tree = { files: new Map([[file.path, file]]), clusters: ['east'], leftOut: [], listings: new Map() };
  const known = new Map([[file.path, { cluster: 'east', stamp, held: 0, remarks: reading('').remarks }]]);
  expect(changedFiles(tree, known)).toEqual([file]);
});
