import { familyOf } from '../base/ip.ts';
import { isSlip } from '../base/slip.ts';
import type { MergedService } from '../mesh/model.ts';
import type { Node } from '../records/node.ts';
import type { ClusterReason, LeftOut, ServiceReasons } from '../records/reasons.ts';
import type { Found, Zone } from '../records/zone.ts';
import { EXTENDED_ERROR, RCODE, rcodeName, TYPE, typeName } from '../wire/codes.ts';
import { foldCase, type Labels, printName } from '../wire/name.ts';
import { u16 } from '../wire/query.ts';
import { type Compiled, compile, isWithin, type Question } from './compile.ts';

/**
 * How far a question came. `headless`, `clusterset-ip` and `drawn` are how a service's own name and its ports are
 * answered; `single` is a name that always has the same records, as an endpoint and the zone itself have. The others
 * are why there is nothing.
 */
export type Step =
  | ServiceReasons['step']
  | 'single'
  | 'outside-zone'
  | 'not-loaded'
  | 'no-namespace'
  | 'no-service'
  | 'no-ready-endpoint'
  | 'no-name';

/** One cluster of the service that was asked about. */
export interface ClusterExplanation extends Omit<ClusterReason, 'leftOut'> {
  /** How often its addresses are the answer to this question, as a part of 1; absent: it is not drawn. */
  readonly share?: number;
  readonly leftOut?: LeftOut | 'no-address-of-type';
}

/** Why a question is answered as it is. What is absent does not apply. */
export interface Explanation {
  /** With a dot at its end. */
  readonly name: string;
  readonly type: string;
  readonly rcode: string;
  /** Records in an answer. */
  readonly answers: number;
  readonly step: Step;
  /** Namespaces that there are, of names so much like the one that there is not that it may be mistyped. */
  readonly similar?: readonly string[];
  /** The addresses are those of clusters held for lost, given because no other can answer. */
  readonly stale: boolean;
  /** Seconds. */
  readonly ttl?: number;
  /** The cluster that asks; absent: none of the set. */
  readonly localCluster?: string;
  readonly service?: Pick<MergedService, 'namespace' | 'name' | 'type' | 'ips' | 'affinity'> &
    Pick<ServiceReasons, 'backends' | 'drawnBy'>;
  readonly clusters: readonly ClusterExplanation[];
}

/** More than this many addresses of one cluster are not shown: no answer holds more endpoints either. */
const MOST_ADDRESSES = 2048;

const MOST_SIMILAR = 3;

/** Explains what `compile` makes of a question: with what it made, and with the reasons of those it asked. */
export function explain(zone: Zone, question: Question): Explanation {
  const asked = { name: printName(question.name), type: typeName(question.type) };
  const nothing = { ...asked, answers: 0, stale: false, clusters: [] };
  if (!isWithin(question.name, zone.origin)) return { ...nothing, rcode: 'REFUSED', step: 'outside-zone' };
  const compiled = compile(zone, question);
  if (compiled === undefined) return { ...nothing, rcode: 'SERVFAIL', step: 'not-loaded' };
  const labels = question.name.slice(0, -zone.origin.length).map(foldCase);
  const found = zone.find(labels);
  const reasons = found.entry === undefined ? undefined : zone.reasons(found.entry);
  const step = compiled.rcode === RCODE.NXDOMAIN ? missing(zone, found, labels) : stepOf(labels, reasons);
  const similar = step === 'no-namespace' ? similarTo(labels.at(-2) ?? '', zone.namespaces) : [];
  const ttl = ttlOf(found.node, question.type);
  return {
    ...asked,
    rcode: rcodeName(compiled.rcode),
    answers: answersOf(compiled),
    step,
    ...(similar.length === 0 ? {} : { similar }),
    stale: compiled.extendedError === EXTENDED_ERROR.STALE_ANSWER,
    ...(ttl === undefined ? {} : { ttl }),
    ...(found.entry === undefined || reasons === undefined
      ? { clusters: [] }
      : serviceParts(found.entry.service, reasons, step, sharesOf(compiled), question.type)),
  };
}

function serviceParts(
  { namespace, name, type, ips, affinity }: MergedService,
  { localCluster, backends, drawnBy, clusters }: ServiceReasons,
  step: Step,
  shares: ReadonlyMap<string, number>,
  asked: number,
): Pick<Explanation, 'localCluster' | 'service' | 'clusters'> {
  return {
    ...(localCluster === undefined ? {} : { localCluster }),
    service: {
      ...{ namespace, name, type, ips, affinity, backends },
      ...(drawnBy === undefined ? {} : { drawnBy }),
    },
    clusters: clusters.map(reason => {
      const addresses = reason.addresses.filter(address => hasType(address, asked)).slice(0, MOST_ADDRESSES);
      const cluster = { ...reason, addresses };
      if (step !== 'drawn') return cluster;
      const share = shares.get(reason.cluster);
      if (share !== undefined) return { ...cluster, share };
      const lacksType = reason.leftOut === undefined && isAddress(asked);
      return lacksType ? { ...cluster, leftOut: 'no-address-of-type' } : cluster;
    }),
  };
}

function isAddress(type: number): boolean {
  return type === TYPE.A || type === TYPE.AAAA;
}

function hasType(address: string, type: number): boolean {
  return !isAddress(type) || (familyOf(address) === 'IPv4') === (type === TYPE.A);
}

/** By cluster; a cluster of many pods has several replies. */
function sharesOf({ variants, draw }: Compiled): Map<string, number> {
  const shares = draw?.shares() ?? [1];
  const byCluster = new Map<string, number>();
  for (const [index, { cluster }] of variants.entries()) {
    if (cluster !== undefined) byCluster.set(cluster, (byCluster.get(cluster) ?? 0) + (shares[index] ?? 0));
  }
  return byCluster;
}

/** Between a service and what is above it stands nothing else, so what is there says what is not. */
function missing(zone: Zone, { entry }: Found, labels: Labels): Step {
  const [namespace = '', top] = labels.slice(-2);
  if (top !== 'svc') return 'no-name';
  if (zone.find([namespace, top]).node === undefined) return 'no-namespace';
  if (entry === undefined) return 'no-service';
  return labels.length === 3 ? 'no-ready-endpoint' : 'no-name';
}

function similarTo(namespace: string, namespaces: ReadonlySet<string>): string[] {
  return [...namespaces]
    .filter(other => isSlip(namespace, other))
    .sort()
    .slice(0, MOST_SIMILAR);
}

function stepOf(labels: Labels, reasons: ServiceReasons | undefined): Step {
  const [first = ''] = labels;
  const isServiceOrPort = labels.length === 3 || first.startsWith('_');
  return reasons === undefined || !isServiceOrPort ? 'single' : reasons.step;
}

function ttlOf(node: Node | undefined, type: number): number | undefined {
  const sets = [
    ...(node?.sets ?? []),
    ...(node?.alternatives ?? []).flatMap(alternative => alternative.sets),
  ];
  return sets.find(set => set.type === type)?.ttl;
}

/** ANCOUNT: every variant holds the same kind of answer. */
function answersOf({ variants: [first] }: Compiled): number {
  return u16(first.bytes, 6);
}
