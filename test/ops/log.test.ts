import { closeSync, openSync } from 'node:fs';
import { Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { loggerTo, logOutput } from '../../src/ops/log.ts';

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

test('a log that cannot be written is told of once, and ends nothing', () => {
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  const told: string[] = [];
  const log = loggerTo(
    logOutput(full, line => told.push(line)),
    'info',
  );
  log.info('one');
  log.info('another');
  expect(told).toEqual([
    'causeway: the log cannot be written: ENOSPC: no space left on device, write; all else goes on\n',
  ]);
});
