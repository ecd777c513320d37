import type { Operation } from './diff.ts';
import type { EntryKind } from './entry.ts';

/** Operations that have to be done in order, but not after those of other lanes. */
export type Lane = readonly Operation[];

/**
 * What needs what. A route needs everything that leads along it, and the firewall: it must know a node before packets
 * go there. That itself is for different programs to do and the most work, so that they do it at the same time.
 */
const STAGES: Readonly<Record<EntryKind, number>> = {
  link: 0,
  sysctl: 1,
  address: 2,
  wireguard: 3,
  ruleset: 4,
  element: 4,
  peer: 4,
  forwarding: 4,
  neighbour: 4,
  route: 5,
  rule: 6,
};

/** @param operations in the order of a difference. Each stage is to be done when the one before it is. */
export function stagesOf(operations: readonly Operation[]): Lane[][] {
  const stages: Map<string, Operation[]>[] = [];
  let current: number | undefined;
  for (const operation of operations) {
    const number = STAGES[operation.entry.kind];
    if (number !== current) stages.push(new Map());
    current = number;
    const lanes = stages.at(-1);
    const lane = laneOf(operation);
    const before = lanes?.get(lane);
    if (before === undefined) lanes?.set(lane, [operation]);
    else before.push(operation);
  }
  return stages.map(lanes => [...lanes.values()]);
}

function laneOf({ entry }: Operation): string {
  switch (entry.kind) {
    case 'ruleset':
    case 'element':
      return 'firewall';
    case 'peer':
    case 'forwarding':
    case 'neighbour':
      return entry.kind;
    case 'route':
      return entry.destination.includes(':') ? 'IPv6' : 'IPv4';
    case 'rule':
      return entry.family;
    default:
      return '';
  }
}
