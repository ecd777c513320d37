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
 * What the ready nodes of this cluster together say of the way to another. Where most do not get through, the fault
 * is between the clusters, or in the other one; where fewer do, it is theirs, and the others' traffic goes on.
 *
 * A third of the nodes may be silent, for agents start one after another and not every node has to have one. Any more
 * that are silent count as if they got through: one node with an agent among a hundred without must not take the
 * cluster from all of them. A cluster that was lost is back when fewer than a third do not get through, so that one
 * node that comes and goes across the half does not move everybody's traffic each time; of three nodes all have to, for
 * otherwise there is nothing between half and a third. To be lost too long costs less than to flap: where no other
 * cluster has the service, its addresses are given all the same.
 *
 * @param verdicts of every ready node, also of those that say nothing
 * @param wasLost whether what stands in the cluster's condition is `Unreachable`
 */
export function foldDataPath(verdicts: Iterable<NodeVerdict>, wasLost: boolean): Finding<DataPathReason> {
  const down: string[] = [];
  let ready = 0;
  let reporting = 0;
  for (const { node, says } of verdicts) {
    ready++;
    if (says !== undefined) reporting++;
    if (says === 'down') down.push(node);
  }
  if (reporting === 0) return { reason: 'NotReported' };
  if (down.length === 0) return { reason: 'Reachable' };
  const counted = Math.max(reporting, (ready * 2) / 3);
  const isLost = wasLost ? down.length >= counted / 3 : down.length > counted / 2;
  const found = `Nodes that get no packets through: ${named(down)}`;
  return { reason: isLost ? 'Unreachable' : 'PartlyUnreachable', found };
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
