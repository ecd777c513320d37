import { isDeepStrictEqual } from 'node:util';
import { parseAddress } from '../base/ip.ts';
import type { LocalNode, Marks } from '../routes/model.ts';
import { type Plan, type PlanInput, plan } from '../routes/plan.ts';
import type { Kernel } from './kernel.ts';

/** What is wanted, without what the kernel has to be asked for it. */
export interface PlanWanted extends Pick<PlanInput, 'nodes' | 'policies'> {
  readonly local: Omit<LocalNode, 'onLink'>;
}

/**
 * Plans what is wanted. What is wanted is told anew every time; but where it is the same, it is given to the plan as
 * the same objects, so that this works out only what has changed, and at rest nothing.
 */
export class Planner {
  readonly #kernel: Kernel;
  readonly #marks: Marks;
  #last: { readonly input: PlanInput; readonly plan: Plan } | undefined;

  constructor(kernel: Kernel, marks: Marks) {
    this.#kernel = kernel;
    this.#marks = marks;
  }

  /** @throws CausewayError KERNEL_UNREADABLE */
  async plan(wanted: PlanWanted): Promise<Plan> {
    const last = this.#last;
    const onLink = await this.#kernel.onLink(nextHops(wanted));
    const input = {
      local: unchanged(last?.input.local, { ...wanted.local, onLink }),
      nodes: wanted.nodes,
      policies: wanted.policies.map((policy, index) => unchanged(last?.input.policies[index], policy)),
      marks: this.#marks,
    };
    if (last !== undefined && isSame(last.input, input)) return last.plan;
    this.#last = { input, plan: plan(input) };
    return this.#last.plan;
  }
}

function unchanged<Value>(last: Value | undefined, now: Value): Value {
  return last !== undefined && isDeepStrictEqual(last, now) ? last : now;
}

function isSame(one: PlanInput, other: PlanInput): boolean {
  const { local, nodes, policies } = one;
  return local === other.local && sameItems(nodes, other.nodes) && sameItems(policies, other.policies);
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

/** The addresses of which it matters whether a router stands before them. */
function nextHops({ nodes, policies }: PlanWanted): Set<string> {
  const unwrapped = policies.filter(({ modes }) => modes.includes('direct') || modes.includes('bgp'));
  const clusters = new Set(unwrapped.map(({ cluster }) => cluster));
  const asked = nodes.filter(({ cluster }) => clusters.has(cluster)).flatMap(({ addresses }) => addresses);
  return new Set(asked.map(parseAddress).filter(address => address !== undefined));
}
