import { describe, expect, test } from 'vitest';
import {
  brokenReading,
  type FileReading,
  type PlacedObject,
  readSteps,
} from '../../../src/source/directory/reading.ts';
import { exported } from '../../kit/directory.ts';

function read(text: string, known: Iterable<PlacedObject> = []): FileReading {
  const steps = readSteps(Buffer.from(text), { known, mostYaml: 10_000, mostJson: 10_000_000 });
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value ?? brokenReading('too large');
}

function objectOf(reading: FileReading, identity: string) {
  return reading.objects.get(identity)?.object;
}

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

describe('the second time', () => {
  const first = read([exported('a', '10.0.0.1'), exported('b', '10.0.0.2')].join('---\n'));

  test('what has not changed is the same object, on its new line; what has changed is read', () => {
    const text = `# one line more\n${exported('a', '10.0.0.1')}---\n${exported('b', '10.0.0.9')}`;
    const second = read(text, first.objects.values());
    expect(second).toEqual(read(text));
    expect(objectOf(second, 'ServiceExport shop/a')).toBe(objectOf(first, 'ServiceExport shop/a'));
    expect(objectOf(second, 'Service shop/b')).not.toBe(objectOf(first, 'Service shop/b'));
    expect(objectOf(second, 'ServiceExport shop/b')).toBe(objectOf(first, 'ServiceExport shop/b'));
  });

  test('the same holds for the items of a JSON list', () => {
    const list = (...names: string[]) =>
      JSON.stringify({ kind: 'List', items: names.map(namespace) }, null, 1);
    const before = read(list('one', 'two'));
    const after = read(list('zero', 'two', 'one'), before.objects.values());
    expect(after).toEqual(read(list('zero', 'two', 'one')));
    expect(objectOf(after, 'Namespace two')).toBe(objectOf(before, 'Namespace two'));
  });

  test('an object that was complained of is complained of again', () => {
    const text = exported('a', '10.0.0.1').replaceAll(
      'name: a, namespace: shop }',
      'name: a, namespace: shop, annotations: { causeway.dev/weight: "much" } }',
    );
    const before = read(text);
    expect(before.remarks.findings).toHaveLength(1);
    expect(read(text, before.objects.values())).toEqual(before);
  });

  test('a document that holds a list is read again', () => {
    const text = `kind: List\nitems:\n- ${JSON.stringify(namespace('one'))}\n- ${JSON.stringify(namespace('two'))}\n`;
    const before = read(text);
    expect(before.objects.size).toBe(2);
    expect(read(text, before.objects.values())).toEqual(before);
  });
});

describe('JSON that is none', () => {
  test('is told with the line that the YAML reader finds', () => {
    expect(read('{"a": 1,\n"b" 2}').remarks.fault).toEqual({ line: 2, reason: expect.any(String) });
  });

  test('may be YAML', () => {
    const text = `{"kind": "List", # all of them\n"items": [${JSON.stringify(namespace('one'))},]}`;
    expect([...read(text).objects.keys()]).toEqual(['Namespace one']);
  });

  test.each([
    ['a line where JSON.parse knows it', '{"b" 2}', 150_001],
    ['no line where it does not', '{"b": tru}]', undefined],
  ])('and large, is told by the JSON reader: %s', (_what, end, line) => {
    const { fault } = read(`[${'{"a": 1},\n'.repeat(150_000)}${end}`).remarks;
    expect(fault?.line).toBe(line);
    expect(fault?.reason).toContain('JSON');
  });
});

test('a piece of more characters than may be parsed gives no reading', () => {
  expect(read(`a: ${'x'.repeat(10_000)}`).remarks.fault?.reason).toBe('too large');
  expect(read(`${exported('a', '10.0.0.1')}---\n`.repeat(100)).objects.size).toBe(2);
});

test('a byte order mark is no part of the text', () => {
  expect(read(`\ufeff${exported('a', '10.0.0.1')}`).objects.size).toBe(2);
});
