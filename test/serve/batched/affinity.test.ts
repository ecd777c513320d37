import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SystemCallError } from '../../../src/ops/c-library.ts';
import {
  allowedCpus,
  bindThread,
  cpuSet,
  cpusOf,
  probeBinding,
  threadCpus,
} from '../../../src/serve/batched/affinity.ts';
import { loadSystemCalls } from '../../../src/serve/batched/system-calls.ts';

const calls = await loadSystemCalls();

describe('a set of CPUs', () => {
  test('is a bit for each', () => {
    expect([...cpuSet([0, 3, 9]).subarray(0, 3)]).toEqual([0b1001, 0b10, 0]);
  });

  test('tells the same CPUs again, in their order', () => {
    const cpus = fc.uniqueArray(fc.integer({ min: 0, max: 8191 }));
    fc.assert(
      fc.property(cpus, some => {
        expect(cpusOf(cpuSet(some))).toEqual(some.toSorted((a, b) => a - b));
      }),
    );
  });
});

test.each([
  { row: 'a CPU for each', allowed: [0, 1], threads: 2, cpus: [0, 1] },
  { row: 'a container that has not got the first ones', allowed: [4, 6, 7], threads: 3, cpus: [4, 6, 7] },
  { row: 'fewer threads than CPUs', allowed: [0, 1, 2, 3], threads: 2, cpus: [0, 1] },
  { row: 'fewer CPUs than threads: the last ones have none', allowed: [5], threads: 3, cpus: [5] },
])('which thread has which CPU: $row', ({ allowed, threads, cpus }) => {
  expect(threadCpus(allowed, threads)).toEqual(cpus);
});

describe('binding a thread', () => {
  function kept<T>(work: () => T): T {
    const before = cpuSet([]);
    calls.affinity(before);
    try {
      return work();
    } finally {
      calls.setAffinity(before);
    }
  }

  test('has it run on that CPU alone', () => {
    for (const cpu of allowedCpus(calls)) {
      const after = kept(() => {
        expect(bindThread(calls, cpu)).toBe(true);
        return allowedCpus(calls);
      });
      expect(after).toEqual([cpu]);
    }
  });

  test('to a CPU that it may not use, leaves it where it may run', () => {
    const allowed = allowedCpus(calls);
    const after = kept(() => {
      expect(bindThread(calls, 8191)).toBe(false);
      return allowedCpus(calls);
    });
    expect(after).toEqual(allowed);
  });

  test('can be asked for without being done', () => {
    const allowed = allowedCpus(calls);
    expect(() => probeBinding(calls)).not.toThrow();
    expect(allowedCpus(calls)).toEqual(allowed);
  });

  test('is said to be refused where a sandbox refuses it', () => {
    const setAffinity = () => {
      throw new SystemCallError('sched_setaffinity', 1);
    };
    expect(() => probeBinding({ setAffinity })).toThrow('sched_setaffinity: EPERM');
  });
});
