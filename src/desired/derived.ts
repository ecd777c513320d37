import { type AddressFamily, familyOf } from '../base/ip.ts';
import { objectKey } from '../base/name.ts';
import type { MergedService } from '../mesh/model.ts';
import { desiredObject, ourLabels } from './manifest.ts';
import type { DesiredObject, PlanTools, ServiceView } from './model.ts';
import { namedPorts } from './port-names.ts';
import { policiesBody, portsBody } from './service-fields.ts';

/** What becomes of a Service whose cluster IPs stand for the merged service, or for one cluster's part in it. */
export type Derived =
  | {
      readonly state: 'wanted';
      readonly name: string;
      readonly object: DesiredObject;
      /** At most one per family; empty until the API server has assigned them. */
      readonly ips: readonly string[];
    }
  /** It has to go before it can come anew: an API server never changes the family of a first cluster IP. */
  | { readonly state: 'outgoing'; readonly name: string }
  /** There can be none; `reason` is the ServiceImport's for not being ready. */
  | {
      readonly state: 'impossible';
      readonly reason: 'Pending' | 'IPFamilyNotSupported';
      readonly message: string;
    };

/** What an API server knows; others that a newer one exports would make ours refuse the whole Service. */
const TRAFFIC_DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];

/**
 * The families in which a service can be had in this cluster, in the order of the merge. Where no export tells: all.
 */
export function localFamiliesOf(view: ServiceView, { ipFamilies }: MergedService): readonly AddressFamily[] {
  if (ipFamilies.length === 0) return view.localFamilies;
  return ipFamilies.filter(family => view.localFamilies.includes(family));
}

/**
 * Plans a derived Service without a selector: its endpoints are the slices that name it.
 *
 * @param labels of its own, beside those that all our objects bear
 */
export function planDerived(
  view: ServiceView,
  merged: MergedService,
  name: string,
  labels: Readonly<Record<string, string>>,
  tools: PlanTools,
): Derived {
  const obstacle = obstacleOf(view, merged, name);
  if (obstacle !== undefined) return { state: 'impossible', ...obstacle };
  const families = localFamiliesOf(view, merged);
  const held = view.derivedIPs.get(name) ?? [];
  const first = held[0] === undefined ? families[0] : familyOf(held[0]);
  if (first === undefined || !families.includes(first)) return { state: 'outgoing', name };
  const ordered = [first, ...families.filter(family => family !== first)];
  const heading = {
    kind: 'Service',
    namespace: view.namespace,
    name,
    labels: { ...ourLabels(view, view.namespace), ...labels },
  } as const;
  const object = desiredObject(heading, { spec: specOf(merged, ordered) }, tools);
  return { state: 'wanted', name, object, ips: held.filter(address => ordered.includes(familyOf(address))) };
}

function specOf(merged: MergedService, families: readonly AddressFamily[]): Record<string, unknown> {
  const { trafficDistribution, ...policies } = policiesBody(merged);
  const isKnown = TRAFFIC_DISTRIBUTIONS.some(known => known === trafficDistribution);
  return {
    type: 'ClusterIP',
    ipFamilyPolicy: families.length > 1 ? 'PreferDualStack' : 'SingleStack',
    ipFamilies: families,
    ports: portsBody(namedPorts(merged.ports)),
    ...policies,
    ...(isKnown ? { trafficDistribution } : {}),
  };
}

type Obstacle = Omit<Extract<Derived, { state: 'impossible' }>, 'state'>;

function obstacleOf(view: ServiceView, merged: MergedService, name: string): Obstacle | undefined {
  const key = objectKey(view.namespace, name);
  if (localFamiliesOf(view, merged).length === 0) {
    return { reason: 'IPFamilyNotSupported', message: familyFault(view, merged) };
  }
  if (merged.ports.length === 0) {
    const message =
      'no export has a port, and a Service with an address needs one; add a port to the Service';
    return { reason: 'Pending', message };
  }
  if (view.foreign.has(`Service ${key}`)) {
    const message = `it needs Service ${key} for its address, which is not Causeway's; delete or rename that one`;
    return { reason: 'Pending', message };
  }
  return undefined;
}

/** Why nobody in this cluster can reach a service. */
export function familyFault(view: ServiceView, { ipFamilies }: MergedService): string {
  return (
    `the service is offered in ${ipFamilies.join(', ')}, and Services of cluster ${view.localCluster} can have ` +
    `${view.localFamilies.join(', ') || 'no family'}; export it dual-stack, or make this cluster so`
  );
}
