import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc: USER_HZ, 100 on every architecture Node is built for. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time used so far by a process, its threads and its descendants (NSD serves from a grandchild), in µs.
 */
export function cpuMicroseconds(pid: number): number {
  const ticks = processTree(pid).reduce((sum, { cpuTicks }) => sum + cpuTicks, 0);
  return (ticks * 1e6) / TICKS_PER_SECOND;
}

/**
 * Resident memory of a process and its descendants, in KiB: all of the largest, and the private pages of the
 * others. A plain sum would count thrice what NSD's three processes share.
 */
export function residentKibibytes(pid: number): number {
  const all = processTree(pid).map(each => memoryOf(each.pid));
  const largest = all.reduce((best, each) => (each.resident > best.resident ? each : best));
  return all.reduce((sum, each) => sum + (each === largest ? each.resident : each.private), 0);
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuTicks: number;
}

function processTree(root: number): ProcessStat[] {
  const everyone = readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .map(entry => statOf(Number(entry)))
    .filter(stat => stat !== undefined);
  const tree = everyone.filter(stat => stat.pid === root);
  if (tree.length === 0) throw new Error(`process ${root} has ended`);
  // `tree` grows while it is walked: children are appended behind the one being looked at.
  for (const parent of tree) tree.push(...everyone.filter(stat => stat.parent === parent.pid));
  return tree;
}

/** Undefined for a process that ended meanwhile. */
function statOf(pid: number): ProcessStat | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // proc(5): the second field is the name in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { pid, parent: Number(fields[1]), cpuTicks: Number(fields[11]) + Number(fields[12]) };
}

function memoryOf(pid: number): { resident: number; private: number } {
  const rollup = readIfThere(`/proc/${pid}/smaps_rollup`) ?? '';
  const kibibytes = (field: string) =>
    Number(new RegExp(`^${field}: +(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0);
  return {
    resident: kibibytes('Rss'),
    private: kibibytes('Private_Clean') + kibibytes('Private_Dirty'),
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
