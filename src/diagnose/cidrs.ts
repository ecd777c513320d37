import * as v from 'valibot';
import { type Cidr, overlap, parseCidr } from '../base/ip.ts';
import type { Known } from '../base/known.ts';
import { POD_CIDRS_PROPERTY, SERVICE_CIDRS_PROPERTY } from '../objects/names.ts';
import type { Diagnosis } from '../views/diagnose.ts';

import type { Objects } from './facts.ts';
import { family, type Say } from './family.ts';
import { valueIn } from './identity.ts';
import { mapped, read, several } from './known.ts';
import { type ClusterNode, type SeenCluster, seenClusters } from './nodes.ts';

const ServiceCidr = v.object({ spec: v.object({ cidrs: v.array(v.string()) }) });

/** A block of addresses and whose it is. */
interface Block {
  readonly kind: 'pods' | 'services';
  /** Whether it is a node's own; those of all pods hold these. */
  readonly ofNode: boolean;
  /** `the pods of node-1` */
  readonly whose: string;
  readonly cidr: Cidr;
}

/** What is known of the addresses of a cluster. */
interface Ranges {
  readonly nodes: readonly ClusterNode[];
  readonly blocks: readonly Block[];
  /** Whether the ranges of its Services are among the blocks. */
  readonly withServices: boolean;
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
    for (const one of seen) yield* within(one, say);
    for (const [index, one] of seen.entries()) {
      for (const other of seen.slice(index + 1)) yield* between(one, other, say);
    }
  },
});

function* within({ about, ranges }: Placed, say: CidrSay): Generator<Diagnosis> {
  if ('unknown' in ranges) {
    yield say.unknown('cidr.within', about, ranges.unknown);
    return;
  }
  const { blocks } = ranges.value;
  if (blocks.length === 0) {
    yield say.unknown(
      'cidr.within',
      about,
      'neither its nodes nor ServiceCIDRs nor ClusterProperties tell its ranges',
    );
    return;
  }
  const clash = blocks.flatMap((one, index) =>
    blocks
      .slice(index + 1)
      .flatMap(other =>
        exclusive(one, other) && overlap(one.cidr, other.cidr) ? [[one, other] as const] : [],
      ),
  )[0];
  yield clash === undefined
    ? say.good('cidr.within', about, `${list(blocks)}: no two overlap`)
    : say.wrong('CIDR_OVERLAPS_WITHIN', about, { one: shown(clash[0]), other: shown(clash[1]) });
}

function* between(one: Placed, other: Placed, say: CidrSay): Generator<Diagnosis> {
  const about = `${one.about} and ${other.about}`;
  const [first, second] = [one.ranges, other.ranges];
  if ('unknown' in first || 'unknown' in second) {
    const reason = 'unknown' in first ? first.unknown : 'unknown' in second ? second.unknown : '';
    for (const check of ['cidr.across', 'cidr.nodes'] as const) yield say.unknown(check, about, reason);
    return;
  }
  yield across(first.value, second.value, about, say);
  const stray = strayIn(first.value, second.value);
  const back = strayIn(second.value, first.value);
  if (stray !== undefined) yield say.wrong('NODE_IN_FOREIGN_RANGE', about, stray);
  if (back !== undefined) {
    yield say.wrong('NODE_IN_FOREIGN_RANGE', `${other.about} and ${one.about}`, back);
  }
  if (stray === undefined && back === undefined) {
    yield first.value.nodes.length + second.value.nodes.length === 0
      ? say.unknown('cidr.nodes', about, 'neither has a node')
      : say.good('cidr.nodes', about, 'no node has an address of the other');
  }
}

function across(one: Ranges, other: Ranges, about: string, say: CidrSay): Diagnosis {
  const clashes = one.blocks.flatMap(mine =>
    other.blocks.flatMap(theirs => (overlap(mine.cidr, theirs.cidr) ? [[mine, theirs] as const] : [])),
  );
  const grave = clashes.find(([mine, theirs]) => mine.kind === 'pods' || theirs.kind === 'pods');
  if (grave !== undefined) {
    return say.wrong('CIDR_OVERLAPS_ACROSS', about, { one: shown(grave[0]), other: shown(grave[1]) });
  }
  const [light] = clashes;
  if (light !== undefined) {
    return say.wrong('CIDR_SERVICES_OVERLAP', about, { one: shown(light[0]), other: shown(light[1]) });
  }
  const pods = ({ blocks }: Ranges) => blocks.some(({ kind }) => kind === 'pods');
  if (!pods(one) || !pods(other)) {
    return say.unknown(
      'cidr.across',
      about,
      'of one of them the ranges of its pods are not known: neither its nodes nor a ClusterProperty tell them',
      'give them to `causeway enable --pod-cidr`, which records them for all',
    );
  }
  const services = one.withServices && other.withServices;
  return say.good(
    'cidr.across',
    about,
    services ? 'no range overlaps' : 'no range of pods overlaps; those of Services cannot be seen',
  );
}

function strayIn({ nodes }: Ranges, { blocks }: Ranges) {
  for (const { name, internalIps } of nodes) {
    for (const address of internalIps) {
      const block = blocks.find(({ cidr }) => cidr.contains(address));
      if (block !== undefined) return { node: name, address, other: shown(block) };
    }
  }
  return undefined;
}

/** Whether two blocks of one cluster must have no address in common. */
function exclusive(one: Block, other: Block): boolean {
  return one.kind !== other.kind || (one.ofNode && other.ofNode);
}

/** What nodes and ServiceCIDRs say, and what was recorded when Causeway was enabled. */
function rangesOf({ nodes, serviceCidrs, clusterProperties }: SeenCluster): Known<Ranges> {
  const declared = serviceCidrs === undefined ? { value: [] } : read(ServiceCidr, serviceCidrs);
  const services = [
    ...('unknown' in declared ? [] : declared.value).flatMap(({ spec }) => spec.cidrs),
    ...recorded(clusterProperties, SERVICE_CIDRS_PROPERTY),
  ];
  const pods = recorded(clusterProperties, POD_CIDRS_PROPERTY);
  return mapped(nodes, found => ({
    nodes: found,
    blocks: [
      ...[...new Set(pods)].flatMap(text => block('pods', 'the pods', text)),
      ...[...new Set(services)].flatMap(text => block('services', 'the Services', text)),
      ...found.flatMap(({ name, podCidrs }) =>
        podCidrs.flatMap(text => block('pods', `the pods of ${name}`, text, true)),
      ),
    ],
    withServices: services.length > 0,
  }));
}

function recorded(properties: Objects, name: string): string[] {
  const value = valueIn(properties, name);
  return 'value' in value && value.value !== undefined ? value.value.split(',') : [];
}

function block(kind: Block['kind'], whose: string, text: string, ofNode = false): Block[] {
  const cidr = parseCidr(text.trim());
  return cidr === undefined ? [] : [{ kind, ofNode, whose, cidr }];
}

function shown({ whose, cidr }: Block): string {
  return `${whose} (${cidr.text})`;
}

function list(blocks: readonly Block[]): string {
  const more = blocks.length - MOST_SHOWN;
  const texts = blocks.slice(0, MOST_SHOWN).map(({ cidr }) => cidr.text);
  return texts.join(', ') + (more > 0 ? ` and ${several(more, 'other range')}` : '');
}
