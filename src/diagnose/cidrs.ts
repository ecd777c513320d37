import * as v from 'valibot';
import { addressNumber, type Cidr, parseAddress, parseCidr, rangeOf } from '../base/ip.ts';
import type { Known } from '../base/known.ts';
import { several } from '../base/several.ts';
import { POD_CIDRS_PROPERTY, SERVICE_CIDRS_PROPERTY } from '../objects/names.ts';
import type { Diagnosis } from '../views/diagnose.ts';
import type { Objects } from './facts.ts';
import { family, type Say, wrong } from './family.ts';
import { valueIn } from './identity.ts';
import { clashBetween, clashWithin, type Interval, outermost } from './intervals.ts';
import { mapped, read } from './known.ts';
import { type ClusterNode, type SeenCluster, seenClusters } from './nodes.ts';

const ServiceCidr = v.object({ spec: v.object({ cidrs: v.array(v.string()) }) });

/** A block of addresses and whose it is. */
interface Block {
  /** `the pods of node-1` */
  readonly whose: string;
  readonly cidr: Cidr;
}
type Blocks = readonly Interval<Block>[];

/** What is known of the addresses of a cluster. */
interface Ranges {
  readonly pods: Blocks;
  /** Of each node its own; those of all pods hold these. */
  readonly podsOfNodes: Blocks;
  /** Empty: they are not known. */
  readonly services: Blocks;
  readonly nodes: readonly Interval<{ readonly node: string; readonly address: string }>[];
}

interface Placed {
  readonly about: string;
  readonly ranges: Known<Ranges>;
}

const MOST_SHOWN = 6;

const OTHERS = 'The ranges of a cluster cannot be changed once it runs: set up one of the two with others.';

const checks = {
  'cidr.within': 'the ranges of a cluster do not overlap each other',
  'cidr.across': 'no two clusters use the same addresses for pods or Services',
  'cidr.nodes': 'no node has an address that is a pod or Service in another cluster',
} as const;

const messages = {
  CIDR_OVERLAPS_WITHIN: {
    check: 'cidr.within',
    verdict: 'bad',
    found: 'within the cluster, {one} overlap {other}',
    cause:
      'The cluster was set up with ranges that do not exclude each other: two things answer to one address.',
    cure: OTHERS,
  },
  CIDR_OVERLAPS_ACROSS: {
    check: 'cidr.across',
    verdict: 'bad',
    found: 'in the first, {one} overlap {other} in the second',
    cause:
      'Both clusters were set up with the same ranges, most likely the default ones of their distribution: what is sent to an endpoint of one stays in the other.',
    cure: `${OTHERS} Until then export only what is reached by load balancers.`,
  },
  CIDR_SERVICES_OVERLAP: {
    check: 'cidr.across',
    verdict: 'warning',
    found: 'in the first, {one} overlap {other} in the second',
    cause: 'Both clusters were set up with the same range of Services, most likely the default one.',
    cure: 'Nothing has to be done as long as no ClusterIP of one is used in the other: imports get ClusterIPs of the cluster they are imported into.',
  },
  NODE_IN_FOREIGN_RANGE: {
    check: 'cidr.nodes',
    verdict: 'bad',
    found: '{node} of the first has {address}, which is among {other} in the second',
    cause:
      'The network of the nodes of one cluster lies within a range of the other: from there the node cannot be reached.',
    cure: OTHERS,
  },
} as const;

type CidrSay = Say<keyof typeof checks, typeof messages>;

export const cidrs = family({
  name: 'cidr',
  about: 'the address ranges of pods, Services and nodes, within each cluster and between clusters',
  checks,
  messages,
  *judge(facts, say) {
    const seen = seenClusters(facts).map(cluster => ({ about: cluster.about, ranges: rangesOf(cluster) }));
    for (const one of seen) yield within(one, say);
    for (const [index, one] of seen.entries()) yield* against(one, seen.slice(index + 1), say);
  },
});

/** What will be said of a cluster with these blocks of pods and Services; undefined: nothing against them. */
export function overlapWithin(
  about: string,
  pods: readonly string[],
  services: readonly string[],
): Diagnosis | undefined {
  const clash = clashBetween(
    outermost(services.flatMap(text => block('the Services', text))),
    outermost(pods.flatMap(text => block('the pods', text))),
  );
  if (clash === undefined) return undefined;
  const values = { one: shown(clash[0]), other: shown(clash[1]) };
  return wrong('CIDR_OVERLAPS_WITHIN', about, messages.CIDR_OVERLAPS_WITHIN, values);
}

function within({ about, ranges }: Placed, say: CidrSay): Diagnosis {
  if ('unknown' in ranges) return say.unknown('cidr.within', about, ranges.unknown);
  const { pods, podsOfNodes, services } = ranges.value;
  if (pods.length + services.length === 0) {
    const reason = 'neither its nodes nor ServiceCIDRs nor ClusterProperties tell its ranges';
    return say.unknown('cidr.within', about, reason);
  }
  const clash = clashBetween(services, pods) ?? clashWithin(podsOfNodes);
  return clash === undefined
    ? say.good('cidr.within', about, `${list([...services, ...pods])}: no two overlap`)
    : say.wrong('CIDR_OVERLAPS_WITHIN', about, { one: shown(clash[0]), other: shown(clash[1]) });
}

/** One line for all with which nothing is wrong: of many clusters there are very many pairs. */
function* against(one: Placed, others: readonly Placed[], say: CidrSay): Generator<Diagnosis> {
  if ('unknown' in one.ranges || others.length === 0) return;
  const apart: string[] = [];
  for (const other of others) {
    const about = `${one.about} and ${other.about}`;
    if ('unknown' in other.ranges) {
      for (const check of ['cidr.across', 'cidr.nodes'] as const) {
        yield say.unknown(check, about, other.ranges.unknown);
      }
      continue;
    }
    const wrong = [...across(one.ranges.value, other.ranges.value, about, say), ...strays(one, other, say)];
    if (wrong.length === 0) apart.push(other.about);
    yield* wrong;
  }
  if (apart.length === 0) return;
  const about = `${one.about} and ${shownNames(apart)}`;
  yield say.good('cidr.across', about, 'no range that is known overlaps');
  yield say.good('cidr.nodes', about, 'no node has an address that is a pod or Service of the other');
}

function* across(one: Ranges, other: Ranges, about: string, say: CidrSay): Generator<Diagnosis> {
  const grave =
    clashBetween(one.pods, other.pods) ??
    clashBetween(one.pods, other.services) ??
    clashBetween(one.services, other.pods);
  const light = clashBetween(one.services, other.services);
  const [mine, theirs] = grave ?? light ?? [];
  if (mine !== undefined && theirs !== undefined) {
    const code = grave === undefined ? 'CIDR_SERVICES_OVERLAP' : 'CIDR_OVERLAPS_ACROSS';
    yield say.wrong(code, about, { one: shown(mine), other: shown(theirs) });
    return;
  }
  if (one.pods.length > 0 && other.pods.length > 0) return;
  yield say.unknown(
    'cidr.across',
    about,
    'of one of them the ranges of its pods are not known: neither its nodes nor a ClusterProperty tell them',
    'give them to `causeway enable --pod-cidr`, which records them for all',
  );
}

function* strays(one: Placed, other: Placed, say: CidrSay): Generator<Diagnosis> {
  const count = ({ ranges }: Placed) => ('unknown' in ranges ? 0 : ranges.value.nodes.length);
  if (count(one) + count(other) === 0) {
    yield say.unknown('cidr.nodes', `${one.about} and ${other.about}`, 'neither shows the address of a node');
  }
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    if ('unknown' in from.ranges || 'unknown' in to.ranges) continue;
    const { pods, services } = to.ranges.value;
    const [stray, block] =
      clashBetween(from.ranges.value.nodes, pods) ?? clashBetween(from.ranges.value.nodes, services) ?? [];
    if (stray === undefined || block === undefined) continue;
    yield say.wrong('NODE_IN_FOREIGN_RANGE', `${from.about} and ${to.about}`, {
      ...stray,
      other: shown(block),
    });
  }
}

/** What nodes and ServiceCIDRs say, and what was recorded when Causeway was enabled. */
function rangesOf({ nodes, serviceCidrs, clusterProperties }: SeenCluster): Known<Ranges> {
  const declared = serviceCidrs === undefined ? { value: [] } : read(ServiceCidr, serviceCidrs);
  const services = [
    ...('unknown' in declared ? [] : declared.value).flatMap(({ spec }) => spec.cidrs),
    ...recorded(clusterProperties, SERVICE_CIDRS_PROPERTY),
  ];
  const pods = recorded(clusterProperties, POD_CIDRS_PROPERTY);
  return mapped(nodes, found => {
    const podsOfNodes = found.flatMap(({ name, podCidrs }) =>
      podCidrs.flatMap(text => block(`the pods of ${name}`, text)),
    );
    return {
      pods: outermost([...pods.flatMap(text => block('the pods', text)), ...podsOfNodes]),
      podsOfNodes,
      services: outermost(services.flatMap(text => block('the Services', text))),
      nodes: outermost(found.flatMap(pointsOf)),
    };
  });
}

function recorded(properties: Objects, name: string): string[] {
  const value = valueIn(properties, name);
  return 'value' in value && value.value !== undefined ? value.value.split(',') : [];
}

function block(whose: string, text: string): Interval<Block>[] {
  const cidr = parseCidr(text.trim());
  return cidr === undefined ? [] : [{ ...rangeOf(cidr), owner: { whose, cidr } }];
}

function pointsOf({ name, internalIps }: ClusterNode) {
  return internalIps.flatMap(text => {
    const address = parseAddress(text);
    if (address === undefined) return [];
    const number = addressNumber(address);
    return [{ first: number, last: number, owner: { node: name, address } }];
  });
}

function shown({ whose, cidr }: Block): string {
  return `${whose} (${cidr.text})`;
}

function list(blocks: Blocks): string {
  const more = blocks.length - MOST_SHOWN;
  const texts = blocks.slice(0, MOST_SHOWN).map(({ owner }) => owner.cidr.text);
  return texts.join(', ') + (more > 0 ? ` and ${several(more, 'other range')}` : '');
}

function shownNames(names: readonly string[]): string {
  const more = names.length - MOST_SHOWN;
  return names.slice(0, MOST_SHOWN).join(', ') + (more > 0 ? ` and ${several(more, 'other')}` : '');
}
