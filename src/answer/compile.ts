import { objectKey } from '../base/name.ts';
import type { Alternative, Node, RecordSet } from '../records/node.ts';
import type { Found, ServiceVersion, Zone } from '../records/zone.ts';
import { EXTENDED_ERROR, RCODE, TYPE } from '../wire/codes.ts';
import { foldCase, type Labels } from '../wire/name.ts';
import { AliasTable } from './alias.ts';
import { type Body, type OwnedSet, setOf, withOrigin, writeBody } from './message.ts';

/** One ready reply. */
export interface Variant extends Body {
  /** The cluster it points to, `several`, or undefined where it names none. */
  readonly cluster: string | undefined;
}

/** Everything a question can be answered with, as bytes; what is left to do per query is to draw, patch and send. */
export interface Compiled {
  readonly rcode: number;
  readonly variants: readonly [Variant, ...Variant[]];
  /** Draws between the variants; undefined where there is only one. */
  readonly draw: AliasTable | undefined;
  /** Of the variants, in their order, where they are drawn. */
  readonly weights: readonly number[] | undefined;
  readonly extendedError: number | undefined;
  /** The service whose records these are: the answer holds as long as this version is current. */
  readonly version: ServiceVersion | undefined;
  /** Serial of the zone it was made from: an answer with an SOA, or of no service, holds for this serial only. */
  readonly serial: number;
  /** Where the name lies; undefined: where no change can reach it. */
  readonly place: Place | undefined;
  /** Where the only variant holds the serial; 0: nowhere. With that of the moment in its place it holds on. */
  readonly serialStart: number;
}

/** The part of a zone that decides about a name: what is there, and whether anything is. */
export interface Place {
  readonly namespace: string;
  /** Key of the service that the name is or belongs to, or would; undefined: the name is the namespace's. */
  readonly key: string | undefined;
}

/** A question of class IN below the zone, as it was asked. */
export interface Question {
  /** All labels, in the spelling of the question. */
  readonly name: Labels;
  readonly type: number;
}

/**
 * Compiles the answer to a question, or undefined where the zone can't tell yet: before the first full load what is not
 * known may well exist, so the reply has to be SERVFAIL and must not be kept.
 */
export function compile(zone: Zone, question: Question): Compiled | undefined {
  const depth = question.name.length - zone.origin.length;
  const labels = question.name.slice(0, depth).map(foldCase);
  const found = zone.find(labels);
  const origin = question.name.slice(depth);
  const node = depth === 0 ? withApexSoa(zone, found.node) : found.node;
  const type = node !== undefined && question.type === TYPE.ANY ? representativeType(node) : question.type;
  const variants = node === undefined ? [] : positiveVariants(zone, question, origin, node, type);
  const [first, ...rest] = variants;
  if (first !== undefined) return positive(zone, found, node, type, [first, ...rest]);
  if (!zone.synced && (node === undefined || found.entry !== undefined)) return undefined;
  const rcode = node === undefined ? RCODE.NXDOMAIN : RCODE.NOERROR;
  return { ...negative(zone, question, origin, rcode), place: placeOf(labels) };
}

/** True while nothing has changed that the answer depends on. */
export function isCurrent(zone: Zone, compiled: Compiled): boolean {
  return compiled.version === undefined ? compiled.serial === zone.serial : zone.isCurrent(compiled.version);
}

/** True where the name lies in the zone; case is folded. */
export function isWithin(name: Labels, origin: Labels): boolean {
  const depth = name.length - origin.length;
  return depth >= 0 && origin.every((label, index) => label === foldCase(name[depth + index] ?? ''));
}

interface WeightedVariant {
  readonly variant: Variant;
  readonly weight: number;
}

function positive(
  zone: Zone,
  found: Found,
  node: Node | undefined,
  type: number,
  weighted: readonly [WeightedVariant, ...WeightedVariant[]],
): Compiled {
  const [first, ...rest] = weighted;
  const weights = rest.length === 0 ? undefined : weighted.map(({ weight }) => weight);
  return {
    rcode: RCODE.NOERROR,
    variants: [first.variant, ...rest.map(({ variant }) => variant)],
    draw: weights === undefined ? undefined : new AliasTable(weights),
    weights,
    extendedError: node?.stale === true ? EXTENDED_ERROR.STALE_ANSWER : undefined,
    version: found.entry?.version,
    serial: zone.serial,
    place: found.entry?.version,
    serialStart: type === TYPE.SOA ? serialStartOf(first.variant) : 0,
  };
}

/** Name error or no data; both carry the SOA, whose TTL says how long they hold (RFC 2308 section 3). */
function negative(zone: Zone, question: Question, origin: Labels, rcode: number): Omit<Compiled, 'place'> {
  const authority = [{ owner: origin, set: withOrigin(zone.soa, origin) }];
  const body = writeBody(question, rcode, { answer: [], authority, additional: [] });
  return {
    rcode,
    variants: [{ ...body, cluster: undefined }],
    draw: undefined,
    weights: undefined,
    extendedError: undefined,
    version: undefined,
    serial: zone.serial,
    serialStart: serialStartOf(body),
  };
}

/** Of a body that an SOA record ends: the serial is followed by four more numbers of 32 bits. */
function serialStartOf({ bytes }: Body): number {
  return bytes.length - 5 * 4;
}

/** @param labels relative to the zone, case folded */
function placeOf(labels: Labels): Place | undefined {
  const depth = labels.length;
  if (depth < 2 || labels[depth - 1] !== 'svc') return undefined;
  const namespace = labels[depth - 2] ?? '';
  return { namespace, key: depth === 2 ? undefined : objectKey(namespace, labels[depth - 3] ?? '') };
}

/** One reply for each alternative that has the type, or a single one where the type is not drawn; none: no data. */
function positiveVariants(
  zone: Zone,
  question: Question,
  origin: Labels,
  node: Node,
  type: number,
): WeightedVariant[] {
  const fixed = setOf(node, type);
  if (fixed === undefined) {
    return node.alternatives.flatMap(({ sets, cluster, weight }) => {
      const drawn = setOf({ sets }, type);
      return drawn === undefined
        ? []
        : [{ variant: variantOf(question, origin, drawn, [], cluster), weight }];
    });
  }
  const targets = additionalSets(zone, fixed, origin);
  if (targets.alternatives.length === 0) {
    return [{ variant: variantOf(question, origin, fixed, targets.fixed, node.cluster), weight: 1 }];
  }
  return targets.alternatives.map(({ owner, alternative }) => {
    const additional = alternative.sets.map(set => ({ owner, set }));
    return {
      variant: variantOf(question, origin, fixed, additional, alternative.cluster),
      weight: alternative.weight,
    };
  });
}

function variantOf(
  question: Question,
  origin: Labels,
  set: RecordSet,
  additional: readonly OwnedSet[],
  cluster: string | undefined,
): Variant {
  const answer = [{ owner: question.name, set: withOrigin(set, origin) }];
  return { ...writeBody(question, RCODE.NOERROR, { answer, authority: [], additional }), cluster };
}

interface Additional {
  readonly fixed: readonly OwnedSet[];
  readonly alternatives: readonly { owner: Labels; alternative: Alternative }[];
}

/**
 * Addresses of the names that SRV and NS records point to. All SRV records of one set of ours point to the same service
 * when it is drawn, so drawing its cluster draws the addresses of the whole reply.
 */
function additionalSets(zone: Zone, set: RecordSet, origin: Labels): Additional {
  const fixed: OwnedSet[] = [];
  const alternatives: { owner: Labels; alternative: Alternative }[] = [];
  const targets = set.data.flatMap(data =>
    data.type === TYPE.SRV || data.type === TYPE.NS ? [data.target] : [],
  );
  const distinct = new Map(targets.map(target => [target.join('.'), target]));
  for (const target of distinct.values()) {
    const node = zone.find(target).node;
    if (node === undefined) continue;
    const owner = [...target, ...origin];
    for (const type of [TYPE.A, TYPE.AAAA]) {
      const addresses = setOf(node, type);
      if (addresses !== undefined) fixed.push({ owner, set: addresses });
    }
    for (const alternative of node.alternatives) alternatives.push({ owner, alternative });
  }
  return { fixed, alternatives };
}

/** RFC 8482 section 4.1: ANY is answered with one of the sets that exist, so that it amplifies nothing. */
function representativeType(node: Node): number {
  const sets = [...node.alternatives.flatMap(alternative => alternative.sets), ...node.sets];
  return sets[0]?.type ?? TYPE.ANY;
}

/** The apex's node has no SOA of its own, since the serial moves with every change. */
function withApexSoa(zone: Zone, node: Node | undefined): Node | undefined {
  return node === undefined ? undefined : { ...node, sets: [zone.soa, ...node.sets] };
}
