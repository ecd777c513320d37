import { SystemCallError } from '../../ops/c-library.ts';
import type { SystemCalls } from './system-calls.ts';

/** Octets of a set of CPUs, one bit for each: what no kernel has more of, and refuses less than it has. */
const SET_LENGTH = 1024;

/** The set that the kernel is given (cpu_set_t). */
export function cpuSet(cpus: readonly number[]): Uint8Array {
  const set = new Uint8Array(SET_LENGTH);
  for (const cpu of cpus) set[cpu >> 3] = (set[cpu >> 3] ?? 0) | (1 << (cpu & 7));
  return set;
}

/** In their order. */
export function cpusOf(set: Uint8Array): number[] {
  const bits = [0, 1, 2, 3, 4, 5, 6, 7];
  return Array.from(set, (octet, index) =>
    bits.filter(bit => octet & (1 << bit)).map(bit => 8 * index + bit),
  ).flat();
}

/**
 * Which CPU each thread has, in the order of the threads: one CPU is one thread's, or its datagrams would have to be
 * divided again. Threads beyond have none, and get what arrives on CPUs that no thread has.
 */
export function threadCpus(allowed: readonly number[], threads: number): readonly number[] {
  return allowed.slice(0, threads);
}

/**
 * Those that the calling thread may run on: containers have any of the machine's, and not the first ones.
 *
 * @throws SystemCallError
 */
export function allowedCpus(calls: Pick<SystemCalls, 'affinity'>): number[] {
  const set = cpuSet([]);
  calls.affinity(set);
  return cpusOf(set);
}

/**
 * Has the calling thread run on one CPU. What a container may use can change: where that is gone, it runs anywhere.
 *
 * @returns whether it is bound
 * @throws SystemCallError
 */
export function bindThread(calls: Pick<SystemCalls, 'affinity' | 'setAffinity'>, cpu: number): boolean {
  if (!allowedCpus(calls).includes(cpu)) return false;
  calls.setAffinity(cpuSet([cpu]));
  return true;
}

/**
 * Whether threads may be bound, without binding any: of no CPU at all the kernel says that it is invalid, and a sandbox
 * that it is not permitted.
 *
 * @throws SystemCallError
 */
export function probeBinding(calls: Pick<SystemCalls, 'setAffinity'>): void {
  try {
    calls.setAffinity(cpuSet([]));
  } catch (error) {
    if (!(error instanceof SystemCallError && error.code === 'EINVAL')) throw error;
  }
}
