import { planFederated } from './federated.ts';
import { planGlobal } from './global.ts';
import type { DesiredObject, PlanTools, Remark, ServiceView } from './model.ts';

/**
 * The slices that are added to a user's own Service because its annotations ask for it. A Service that asks for nothing
 * gets none, so that no other cluster can put endpoints into a Service that did not opt in.
 */
export function planNative(
  view: ServiceView,
  tools: PlanTools,
): { readonly objects: readonly DesiredObject[]; readonly remarks: readonly Remark[] } {
  const plans = [planGlobal(view, tools), planFederated(view, tools)];
  // Of a slice that both bring in, the global service's goes first: it knows of affinity.
  const byName = new Map<string, DesiredObject>();
  for (const object of plans.flatMap(({ objects }) => objects)) {
    if (!byName.has(object.name)) byName.set(object.name, object);
  }
  return { objects: [...byName.values()], remarks: plans.flatMap(({ remarks }) => remarks) };
}
