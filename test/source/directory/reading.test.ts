import { describe, expect, test } from 'vitest';
import { brokenReading, type FileReading, readSteps } from '../../../src/source/directory/reading.ts';
import { exported } from '../../kit/directory.ts';

function read(text: string, yaml = true): FileReading {
  const steps = readSteps(Buffer.from(text), yaml);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value ?? brokenReading('not JSON');
}

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const oddWeight = exported('a', '10.0.0.1').replaceAll(
  'name: a, namespace: shop }',
  'name: a, namespace: shop, annotations: { causeway.dev/weight: "much" } }',
);

describe('JSON', () => {
  test('a list gives its items, each on the line where the file begins', () => {
    const items = [namespace('one'), namespace('two'), { kind: 'Namespace' }];
    const { objects, remarks } = read(JSON.stringify({ kind: 'List', items }, null, 1));
    expect([...objects].map(([identity, { line }]) => [identity, line])).toEqual([
      ['Namespace one', 1],
      ['Namespace two', 1],
    ]);
    expect(remarks.findings[0]?.line).toBe(1);
  });

  test('that is broken is told with the line that the YAML reader finds', () => {
    expect(read('{"a": 1,\n"b" 2}').remarks.fault).toEqual({ line: 2, reason: expect.any(String) });
  });

  test('that is none may be YAML', () => {
    const text = `{"kind": "List", # all of them\n"items": [${JSON.stringify(namespace('one'))},]}`;
    expect([...read(text).objects.keys()]).toEqual(['Namespace one']);
  });
});

describe('YAML', () => {
  test('is told of on the line of its document', () => {
    const { objects, remarks } = read(`${exported('b', '10.0.0.2')}---\n# comment\n${oddWeight}`);
    expect([...objects.values()].map(({ line }) => line)).toEqual([1, 6, 11, 16]);
    expect(remarks.findings.map(({ line }) => line)).toEqual([16]);
  });

  test('is not read where only JSON is asked for', () => {
    expect(read(exported('a', '10.0.0.1'), false).remarks.fault?.reason).toBe('not JSON');
    expect(read(JSON.stringify(namespace('one')), false).objects.size).toBe(1);
  });
});

test('a byte order mark is no part of the text', () => {
  expect(read(`\ufeff${exported('a', '10.0.0.1')}`).objects.size).toBe(2);
});
