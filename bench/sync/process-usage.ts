import { readFileSync } from 'node:fs';
import type { UsageColumn } from './table.ts';

/** MiB, now and at most so far. */
export function residentOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
}

/** USER_HZ: 100 on every architecture Node is built for. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time so far, user and system, of all threads; its children not among them. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // proc(5): the second field is the name in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Processes that are looked at together, by what they are called in tables. */
export type Processes = ReadonlyMap<string, number>;

/** What processes have used since a moment. */
export class Meter {
  readonly #processes: Processes;
  readonly #began = performance.now();
  readonly #before: ReadonlyMap<string, number>;

  constructor(processes: Processes) {
    this.#processes = processes;
    this.#before = new Map([...processes].map(([name, pid]) => [name, cpuSeconds(pid)]));
  }

  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  /** Seconds of processor time since then. */
  cpu(name: string): number {
    const pid = this.#processes.get(name);
    if (pid === undefined) throw new Error(`no process ${name} is metered`);
    return cpuSeconds(pid) - (this.#before.get(name) ?? 0);
  }

  column(phase: string): UsageColumn {
    const cells = [...this.#processes].map(([name, pid]): [string, string] => {
      const cpu = this.cpu(name);
      const share = Math.round((100 * cpu) / this.seconds);
      return [name, `${cpu.toFixed(1)} s (${share} %), ${Math.round(residentOf(pid).peak)} MiB`];
    });
    return { phase: `${phase} (${this.seconds.toFixed(0)} s)`, cells: new Map(cells) };
  }
}
