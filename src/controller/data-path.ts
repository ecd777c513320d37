import type { DataPath } from '../objects/node-annotations.ts';
import type { Condition } from '../objects/shapes.ts';
import type { DataPathReason, Finding } from './remote-conditions.ts';

/** What one node of this cluster says of the way to the pods of another one. */
export interface NodeVerdict {
  readonly node: string;
  /** Undefined: nothing. */
  readonly says: DataPath | undefined;
}

/** Nodes that a message names; it must not grow, or change, with each of five thousand. */
const NAMED = 5;

/**
 * What the ready nodes of this cluster together say of the way to another. Where most of those that say anything do not
 * get through, the fault is between the clusters, or in the other one; where fewer do, it is theirs, and the others'
 * traffic goes on.
 */
export function foldDataPath(verdicts: Iterable<NodeVerdict>): Finding<DataPathReason> {
  const down: string[] = [];
  let reporting = 0;
  for (const { node, says } of verdicts) {
    if (says !== undefined) reporting++;
    if (says === 'down') down.push(node);
  }
  if (reporting === 0) return { reason: 'NotReported' };
  if (down.length === 0) return { reason: 'Reachable' };
  const found = `Nodes that get no packets through: ${named(down)}`;
  return { reason: down.length * 2 > reporting ? 'Unreachable' : 'PartlyUnreachable', found };
}

function named(nodes: string[]): string {
  const first = nodes.sort().slice(0, NAMED).join(', ');
  return nodes.length > NAMED ? `${first} and more` : first;
}

/**
 * What was last written, for as long as the nodes are not known: a controller that starts must not bring back a cluster
 * that nothing gets to.
 */
export function rememberedDataPath(conditions: readonly Condition[]): Finding<DataPathReason> {
  const held = conditions.find(({ type }) => type === 'DataPathReachable')?.reason;
  const reason = (['Unreachable', 'PartlyUnreachable', 'Reachable'] as const).find(known => known === held);
  return { reason: reason ?? 'NotReported' };
}
