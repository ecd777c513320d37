import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { loggerTo } from '../../src/ops/log.ts';

test('a line is JSON with its level as a word, its time and its fields', () => {
  let text = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += chunk;
      done();
    },
  });
  const log = loggerTo(stream, 'info');
  log.debug('unseen');
  log.warn({ file: 'east/payments.yaml' }, 'file is broken');
  const { time, ...rest } = JSON.parse(text);
  expect(rest).toEqual({ level: 'warn', file: 'east/payments.yaml', msg: 'file is broken' });
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});
