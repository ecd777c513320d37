import { run } from '../../kit/process.ts';
import { type Description, nodeRange, podRanges } from '../description.ts';

interface End extends Description {
  /** A process in the node's network namespace. */
  readonly process: number;
}

/**
 * Lays a cable between the nodes of two clusters, with plain routes: pods reach pods and API servers of the other
 * cluster, and ClusterIPs stay what they are, of one cluster only. Harmless where it is laid.
 */
export async function joinNodes(one: End, other: End): Promise<void> {
  const [first, second] = one.number < other.number ? [one, other] : [other, one];
  if (!(await lay(first, second))) return;
  await Promise.all([plug(first, second, 1), plug(second, first, 2)]);
}

/** @returns whether it was not there yet */
async function lay(first: End, second: End): Promise<boolean> {
  const peer = ['peer', 'name', deviceTo(first), 'netns', `${second.process}`];
  try {
    await ipIn(first, ['link', 'add', deviceTo(second), 'type', 'veth', ...peer]);
    return true;
  } catch (error) {
    if (String(error).includes('File exists')) return false;
    throw error;
  }
}

async function plug(here: End, there: End, host: 1 | 2): Promise<void> {
  const device = deviceTo(there);
  const pair = [here.number, there.number].toSorted().join('');
  const address = (which: number): string => `198.18.${pair}.${which}`;
  const address6 = (which: number): string => `fd00:198:18:${pair}::${which}`;
  await ipIn(here, ['address', 'add', `${address(host)}/30`, 'dev', device]);
  await ipIn(here, ['address', 'add', `${address6(host)}/64`, 'dev', device, 'nodad']);
  await ipIn(here, ['link', 'set', device, 'up']);
  const [pods, pods6] = podRanges(there);
  for (const range of [pods, nodeRange(there)])
    await ipIn(here, ['route', 'add', range, 'via', address(3 - host)]);
  await ipIn(here, ['route', 'add', pods6, 'via', address6(3 - host)]);
}

function deviceTo({ name }: Description): string {
  return `to-${name}`;
}

function ipIn({ process }: End, args: readonly string[]): Promise<string> {
  return run('nsenter', ['--target', `${process}`, '--net', 'ip', ...args]);
}
