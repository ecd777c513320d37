import { parseBlock } from '../base/block.ts';
import { wrongPodBlock } from '../base/pod-block.ts';
import { type Annotation, presentName, readAnnotation } from './annotations.ts';
import { MOST_LISTED } from './node-limits.ts';
import { type Problems, show } from './problem.ts';

const NAME = 'causeway.dev/pod-cidrs';
const FIELD = `metadata.annotations["${NAME}"]`;

/** What is written in the annotation. */
interface Told {
  /** Canonical. */
  readonly good: readonly string[];
  /** What is wrong with the others. */
  readonly faults: readonly string[];
}

/** An operator's word, and neither an agent's nor a node's: deploy/agent/node-policy.yaml keeps both from it. */
const POD_CIDRS: Annotation<Told> = {
  names: [NAME],
  must: `1 to ${MOST_LISTED} blocks that the pods of one node can have, such as "10.1.2.0/26", with commas between them`,
  otherwise: 'the node counts as one without pods',
  parse: text => {
    const good: string[] = [];
    const faults: string[] = [];
    const texts = text.split(',', MOST_LISTED + 1).map(one => one.trim());
    if (texts.length > MOST_LISTED)
      faults.push(`found more than ${MOST_LISTED} blocks: those behind are left out`);
    for (const one of texts.slice(0, MOST_LISTED)) {
      const block = parseBlock(one);
      const wrong =
        block === undefined ? 'must be a block like 10.1.2.0/26, without host bits' : wrongPodBlock(block);
      if (block !== undefined && wrong === undefined) good.push(block.text);
      else faults.push(`found ${show(one)}: ${wrong}; it is left out, and the others hold`);
    }
    return good.length === 0 ? undefined : { good, faults };
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
 * plugin hands out addresses by blocks of its own, those that an operator wrote down; what of that is no block takes no
 * other with it, or one slip would cut off all pods of the node. Nothing is looked for in what is written there:
 * whoever may write it can claim the pods of other nodes. An API server lets the kubelet of a node write it, and
 * spec.podCIDRs once, unless deploy/agent/node-policy.yaml is in force.
 */
export function podsOfNode(
  spec: SpecOfPods | null | undefined,
  annotations: Readonly<Record<string, unknown>>,
  problems: Problems,
): NodePods {
  const podCIDRs = spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []);
  if (podCIDRs.length === 0) {
    const told = readAnnotation(POD_CIDRS, annotations, problems);
    for (const fault of told?.faults ?? []) problems.warn(FIELD, fault);
    return told === undefined ? { podCIDRs } : { podCIDRs: told.good, arePodCIDRsTold: true };
  }
  if (presentName(POD_CIDRS, annotations) !== undefined)
    problems.warn(FIELD, 'it is ignored: the Node has spec.podCIDRs, and those hold');
  return { podCIDRs };
}
