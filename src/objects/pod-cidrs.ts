import { parseBlock } from '../base/block.ts';
import { wrongPodBlock } from '../base/pod-block.ts';
import { type Annotation, presentName, readAnnotation } from './annotations.ts';
import type { Problems } from './problem.ts';

/** As many as a RemoteNode may have. */
const MOST = 16;

/** An operator's word, and neither an agent's nor a node's: deploy/agent/node-policy.yaml keeps both from it. */
const POD_CIDRS: Annotation<readonly string[]> = {
  names: ['causeway.dev/pod-cidrs'],
  must: `1 to ${MOST} blocks that the pods of one node can have, such as "10.1.2.0/26", with commas between them`,
  otherwise: 'the node counts as one without pods',
  parse: text => {
    const blocks = text.split(',', MOST + 1).map(one => parseBlock(one.trim()));
    const good = blocks.flatMap(block =>
      block === undefined || wrongPodBlock(block) !== undefined ? [] : [block.text],
    );
    return good.length === blocks.length && good.length <= MOST ? good : undefined;
  },
};

/** What the spec of a Node says of its pods. */
export interface SpecOfPods {
  readonly podCIDR?: string | null | undefined;
  readonly podCIDRs?: readonly string[] | null | undefined;
}

/** Which addresses the pods of a node have. */
export interface NodePods {
  readonly podCIDRs: readonly string[];
  /** They are an operator's word: the API server has none for it. */
  readonly arePodCIDRsTold?: true;
}

/**
 * The blocks in the spec of a Node, which nobody can change once they are there. Where there are none, for its network
 * plugin hands out addresses by blocks of its own, those that an operator wrote down. Nothing is looked for in what is
 * written there: whoever may write it can claim the pods of other nodes. An API server lets the kubelet of a node write
 * it, and spec.podCIDRs once, unless deploy/agent/node-policy.yaml is in force.
 */
export function podsOfNode(
  spec: SpecOfPods | null | undefined,
  annotations: Readonly<Record<string, unknown>>,
  problems: Problems,
): NodePods {
  const podCIDRs = spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []);
  if (podCIDRs.length === 0) {
    const told = readAnnotation(POD_CIDRS, annotations, problems);
    return told === undefined ? { podCIDRs } : { podCIDRs: told, arePodCIDRsTold: true };
  }
  const name = presentName(POD_CIDRS, annotations);
  if (name !== undefined)
    problems.warn(
      `metadata.annotations["${name}"]`,
      'it is ignored: the Node has spec.podCIDRs, and those hold',
    );
  return { podCIDRs };
}
