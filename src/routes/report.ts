import { several } from '../base/several.ts';
import type { Difference } from './diff.ts';
import type { Held } from './gates.ts';
import type { Fault, Mode } from './model.ts';
import type { Plan, PlannedWay, Want } from './plan.ts';

/** Objects that one line names; /debug/peers has them all. */
const MOST_NAMED = 3;

/** What became of one node of another cluster. */
export interface PeerReport {
  readonly cluster: string;
  readonly node: string;
  /** Of the first of its ways. */
  readonly mode: Mode | 'unreachable';
  readonly mtu?: number;
  readonly ways: readonly PlannedWay[];
  /** Why some or all of its pods cannot be reached. */
  readonly reasons: readonly string[];
}

/** Why no way leads to a node with which nothing is wrong. */
const WANTS: Readonly<Record<Want, string>> = {
  Blocks:
    'NoBlocks: its cluster publishes no block of its pods: they come from spec.podCIDRs of its Node, or from its ' +
    'annotation causeway.dev/pod-cidrs',
  Policy: 'NoPolicy: no RemoteCluster says by which modes its cluster is reached',
};

/** What became of every node that was heard of, those that are left out among them; in the order of the plan. */
export function peerReports({ peers, faults }: Pick<Plan, 'peers' | 'faults'>): PeerReport[] {
  const reasons = Map.groupBy(
    faults.filter(({ node }) => node !== undefined),
    ({ cluster, node }) => `${cluster}/${node}`,
  );
  const reasonsOf = (key: string): string[] =>
    (reasons.get(key) ?? []).map(({ reason, message }) => `${reason}: ${message}`);
  const planned = peers.map(({ cluster, name, ways, wants }): PeerReport => {
    const mtu = ways[0]?.mtu;
    const left = reasonsOf(`${cluster}/${name}`);
    return {
      cluster,
      node: name,
      mode: ways[0]?.mode ?? 'unreachable',
      ...(mtu === undefined ? {} : { mtu }),
      ways,
      // What was left out says more than that nothing is left.
      reasons: left.length === 0 && wants !== undefined ? [WANTS[wants]] : left,
    };
  });
  const known = new Set(planned.map(({ cluster, node }) => `${cluster}/${node}`));
  const leftOut = [...reasons]
    .filter(([key]) => !known.has(key))
    .map(([key, [first]]): PeerReport => {
      const { cluster = '', node = '' } = first ?? {};
      return { cluster, node, mode: 'unreachable', ways: [], reasons: reasonsOf(key) };
    });
  return [...planned, ...leftOut];
}

/** What an agent shows of its last look at the kernel. */
export function reportOf({ plan, held }: { readonly plan: Plan } & Pick<Difference, 'held'>) {
  return {
    peers: peerReports(plan),
    faults: plan.faults.filter(({ node }) => node === undefined).map(faultText),
    held: held.map(({ cluster, why, waitsFor, entries }) => {
      return { cluster, why, waitsFor, entries: entries.length };
    }),
  };
}

/** A fault as one line. */
export function faultText({ cluster, node, reason, message }: Fault): string {
  const who = node === undefined ? `cluster ${cluster}` : `node ${node} of ${cluster}`;
  return `${who}: ${reason}: ${message}`;
}

/** What stays in the kernel although nothing asks for it any more, as one line that says how it comes to an end. */
export function heldText({ cluster, why, waitsFor, entries }: Held): string {
  const routes = entries.filter(({ kind }) => kind === 'route').length;
  const what = `${several(routes, 'route')} and ${several(entries.length - routes, 'other entry', 'other entries')}`;
  const whose = cluster ?? 'nobody known';
  if (why === 'Unsynced') {
    const more = waitsFor.length > MOST_NAMED ? ` and ${waitsFor.length - MOST_NAMED} more` : '';
    const missing = waitsFor.length === 0 ? '' : `: ${waitsFor.slice(0, MOST_NAMED).join(', ')}${more}`;
    return `${what} of ${whose} stay until every cluster is known in full${missing}`;
  }
  const [reason, where] =
    cluster === undefined
      ? ['no node asks for them', `each RemoteCluster that leads to ${waitsFor.join(' or ')}`]
      : ['its nodes are gone', 'its RemoteCluster'];
  return (
    `${what} of ${whose} stay although ${reason}: so many at once look like a mistake; ` +
    `if they are gone for good, set the annotation causeway.dev/allow-mass-removal=true on ${where}`
  );
}
