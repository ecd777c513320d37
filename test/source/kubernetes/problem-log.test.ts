import { expect, test } from 'vitest';
import { loggerTo } from '../../../src/ops/log.ts';
import { ProblemLog } from '../../../src/source/kubernetes/problem-log.ts';

test('however many objects are bad, and however often they are read, the log is bounded', () => {
  const lines: string[] = [];
  const log = new ProblemLog(loggerTo({ write: text => void lines.push(text) }, 'info'));
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 2_000; index++) {
      log.tell([
        { severity: 'error', object: `EndpointSlice shop/${index}`, field: 'ports', message: 'is bad' },
      ]);
    }
  }
  expect(lines).toHaveLength(1_001);
  expect(lines[1_000]).toContain('more problems of objects are not listed');
});
