import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type LifecycleOptions, type Part, runParts, together, withReport } from '../../src/ops/lifecycle.ts';
import { silent } from '../kit/handlers.ts';

/** Parts a, b, c that write down what happens to them, and the signals to stop them. */
function scene(overrides: Partial<Record<'a' | 'b' | 'c', Partial<Part>>> = {}) {
  const happened: string[] = [];
  const signals = new EventEmitter();
  const parts: Part[] = (['a', 'b', 'c'] as const).map(name => ({
    name,
    start: async () => {
      happened.push(`start ${name}`);
      await overrides[name]?.start?.();
    },
    stop: async () => {
      happened.push(`stop ${name}`);
      await overrides[name]?.stop?.();
    },
  }));
  const options: LifecycleOptions = {
    parts,
    log: silent,
    signals,
    stopping: () => happened.push('stopping'),
    stopLimit: 200,
  };
  return { happened, signals, options };
}

const ALL = ['start a', 'start b', 'start c', 'stopping', 'stop c', 'stop b', 'stop a'];
const forever = () => new Promise<void>(() => {});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'])(
  '%s stops everything in reverse, and that is success',
  async signal => {
    const { happened, signals, options } = scene();
    const running = runParts(options);
    await sleep(10);
    signals.emit(signal);
    expect(await running).toBe(0);
    expect(happened).toEqual(ALL);
    expect(signals.eventNames()).toEqual([]);
  },
);

test('a signal while a part still starts stops what was begun', async () => {
  const { happened, signals, options } = scene({ b: { start: forever } });
  const running = runParts(options);
  await sleep(10);
  signals.emit('SIGTERM');
  expect(await running).toBe(0);
  expect(happened).toEqual(['start a', 'start b', 'stopping', 'stop b', 'stop a']);
});

test('a part that cannot start stops those before it and itself, and its error comes out', async () => {
  const { happened, options } = scene({ b: { start: () => Promise.reject(new Error('port in use')) } });
  await expect(runParts(options)).rejects.toThrow('port in use');
  expect(happened).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});

test('a second signal does not wait', async () => {
  const { signals, options } = scene({ c: { stop: forever } });
  const running = runParts({ ...options, stopLimit: 60_000 });
  await sleep(10);
  signals.emit('SIGTERM');
  await sleep(10);
  signals.emit('SIGINT');
  expect(await running).toBe(1);
});

test('a part that does not stop is left behind at the limit', async () => {
  const { happened, signals, options } = scene({ b: { stop: forever } });
  const running = runParts(options);
  await sleep(10);
  signals.emit('SIGTERM');
  expect(await running).toBe(1);
  expect(happened.at(-1)).toBe('stop b');
});

test('a part that fails to stop does not keep the others from it', async () => {
  const { happened, signals, options } = scene({ c: { stop: () => Promise.reject(new Error('no')) } });
  const running = runParts(options);
  await sleep(10);
  signals.emit('SIGTERM');
  expect(await running).toBe(0);
  expect(happened).toEqual(ALL);
});

test('a report gets what the part gave when it started', async () => {
  const reports: number[] = [];
  const part = { name: 'a', start: async () => 7, stop: async () => {} };
  await withReport(part, started => reports.push(started)).start();
  expect(reports).toEqual([7]);
});

test('a part that gets ready because it is told to stop is not reported as ready', async () => {
  const reports: string[] = [];
  const ready = Promise.withResolvers<string>();
  const part = {
    name: 'one that waits',
    start: () => ready.promise,
    stop: async () => ready.resolve('ready'),
  };
  const reported = withReport(part, started => reports.push(started));
  const started = reported.start();
  await reported.stop();
  await started;
  expect(reports).toEqual([]);
});

test('parts that are started together do not wait for each other, and are all stopped', async () => {
  const { happened, signals, options } = scene({ a: { start: forever } });
  const [a, b, c] = options.parts;
  if (a === undefined || b === undefined || c === undefined) throw new Error('there are three parts');
  const running = runParts({ ...options, parts: [together(a, b), c] });
  await sleep(10);
  expect(happened).toEqual(['start a', 'start b']);
  signals.emit('SIGTERM');
  expect(await running).toBe(0);
  expect(happened.slice(2)).toEqual(['stopping', 'stop a', 'stop b']);
});
