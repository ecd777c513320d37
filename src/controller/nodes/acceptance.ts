import type { WantedCondition } from '../../desired/conditions.ts';
import type { NodeObject } from '../../objects/node.ts';
import { settle } from '../../routes/conflicts.ts';
import { remoteNodesOf } from '../../routes/inputs.ts';
import type { Fault, GuardedRange } from '../../routes/model.ts';
import { checkNodes } from '../../routes/validate.ts';

/** Any that is allowed: what a node says of it is checked all the same, and no verdict depends on it. */
const SOME_MTU = 1_500;
/** Of several faults the first of these is the reason. */
const ORDER: readonly Fault['reason'][] = ['Invalid', 'Guarded', 'Conflict', 'TooMany'];
/** Faults of one node that are told; it may have hundreds. */
const MOST_TOLD = 5;

const ACCEPTED: WantedCondition = {
  type: 'Accepted',
  status: 'True',
  reason: 'Accepted',
  message: 'Nothing speaks against routes to the pods of the node.',
};

/**
 * Whether routes may lead to each RemoteNode: the same checks that every routing agent makes before it plans, so that
 * what they leave out can be seen where the node stands.
 *
 * @param nodes by the name of the RemoteNode
 * @param guarded what no other cluster may take
 */
export function acceptances(
  nodes: ReadonlyMap<string, NodeObject>,
  ownCluster: string,
  guarded: readonly GuardedRange[],
): Map<string, WantedCondition> {
  const checked = checkNodes(remoteNodesOf(nodes.values()), ownCluster, SOME_MTU);
  const settled = settle({ guarded, underlay: {}, podCIDRs: [] }, checked.peers);
  const faults = Map.groupBy([...checked.faults, ...settled.faults], ({ cluster, node = '' }) =>
    nodeKey(cluster, node),
  );
  const verdictOn = ({ cluster = '', name }: NodeObject): WantedCondition => {
    const found = faults.get(nodeKey(cluster, name));
    return found === undefined ? ACCEPTED : refusal(found);
  };
  return new Map([...nodes].map(([name, node]) => [name, verdictOn(node)]));
}

function refusal(faults: readonly Fault[]): WantedCondition {
  const sorted = [...faults].sort((one, other) => ORDER.indexOf(one.reason) - ORDER.indexOf(other.reason));
  const told = sorted.slice(0, MOST_TOLD).map(({ message }) => message);
  const more = sorted.length > MOST_TOLD ? '; and more' : '';
  return {
    type: 'Accepted',
    status: 'False',
    reason: sorted[0]?.reason ?? 'Invalid',
    message: `${told.join('; ')}${more}`,
  };
}

function nodeKey(cluster: string, node: string): string {
  return `${cluster}/${node}`;
}
