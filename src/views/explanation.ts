import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';

/**
 * What `/debug/resolve` of a DNS daemon says. It may be of another version than we are, so steps and reasons are plain
 * text, and what is unknown is dropped.
 */
export const Explanation = v.object({
  /** How far the question came: `drawn`, `headless`, `clusterset-ip`, `no-service`, … */
  step: v.string(),
  rcode: v.string(),
  /** Of `no-namespace`: namespaces whose names are nearly the same. */
  similar: v.optional(v.array(v.string())),
  /** Records in an answer. */
  answers: v.number(),
  /** The addresses are of clusters held for lost: no other can answer. */
  stale: v.boolean(),
  /** Seconds. */
  ttl: v.optional(v.number()),
  localCluster: v.optional(v.string()),
  /** RFC 3339: since when the daemon hears nothing from its source and serves what it knew. */
  staleSince: v.optional(v.string()),
  service: v.optional(
    v.object({
      namespace: v.string(),
      name: v.string(),
      type: v.string(),
      ips: v.array(v.string()),
      affinity: v.string(),
      backends: v.string(),
      drawnBy: v.optional(v.string()),
    }),
  ),
  clusters: v.array(
    v.object({
      cluster: v.string(),
      weight: v.optional(v.number()),
      serving: v.boolean(),
      readyEndpoints: v.number(),
      addresses: v.array(v.string()),
      /** How often it is the answer, as a part of 1. */
      share: v.optional(v.number()),
      /** Why nothing of it is given. */
      leftOut: v.optional(v.string()),
    }),
  ),
});

export type Explanation = v.InferOutput<typeof Explanation>;
export type ExplainedCluster = Explanation['clusters'][number];

/** Reads such a page; undefined: it is none. */
export function readExplanation(text: string): Explanation | undefined {
  try {
    const { success, output } = v.safeParse(Explanation, JSON.parse(text));
    return success ? output : undefined;
  } catch {
    return undefined;
  }
}

/** By step; more than one line where it takes a choice to say it. */
const STEPS: Readonly<Record<string, (why: Explanation) => string>> = {
  drawn: ({ service }) =>
    service?.drawnBy === 'weight'
      ? 'one cluster is drawn for each query, by weight'
      : 'one cluster is drawn for each query, by ready endpoints, as no weight is set',
  headless: () => 'the service is headless: every ready endpoint of every serving cluster is given',
  'clusterset-ip': () =>
    'neither weight nor affinity is set: the clusterset IP is given, and balanced beneath',
  single: () => 'the name always has the same records',
  'no-name': () => 'the service has no such port or endpoint, or the zone no such name',
  'no-service': () => 'no cluster exports a service of that name',
  'no-namespace': ({ similar = [] }) =>
    `there is no such namespace here, and names exist only where there is one${similar.length === 0 ? '' : `; there is ${similar.join(', ')}`}`,
  'no-ready-endpoint': () => 'the service is headless, and no cluster has a ready endpoint',
  'not-loaded': () => 'the daemon has not loaded everything yet, so it cannot know',
  'outside-zone': () => 'the name is outside the zone that the daemon serves',
};

/** Why the answer is what it is, in one line. */
export function reasonOf(why: Explanation): string {
  const reason = STEPS[why.step]?.(why) ?? why.step;
  return why.stale ? `${reason}; none of them serves, so what was last heard is given` : reason;
}

const LEFT_OUT: Readonly<Record<string, (why: Explanation) => string>> = {
  'weight-zero': () => 'its weight is 0',
  'not-serving': () => 'it is held for lost',
  'no-ready-endpoint': () => 'it has no ready endpoint',
  'no-address': ({ service }) => `it has no address of the kind given (${service?.backends ?? '-'})`,
  'no-address-of-type': () => 'it has no address of this type',
  affinity: ({ service }) => `affinity ${service?.affinity ?? '-'} prefers another`,
};

/** Why nothing of a cluster is given, in one line; undefined: it is given. */
export function leftOutReason(why: Explanation, { leftOut }: ExplainedCluster): string | undefined {
  return leftOut === undefined ? undefined : (LEFT_OUT[leftOut]?.(why) ?? leftOut);
}

/** More addresses of one cluster than these are counted. */
const SHOWN = 4;

export function explanationText(why: Explanation, style: Style): string {
  const rows = why.clusters.map(cluster => [
    cluster.cluster === why.localCluster ? `${cluster.cluster} (local)` : cluster.cluster,
    `${cluster.weight ?? '-'}`,
    `${cluster.readyEndpoints}`,
    cluster.serving ? 'yes' : style.bad('no'),
    cluster.share === undefined ? '-' : percent(cluster.share),
    addressesOf(cluster.addresses),
    leftOutReason(why, cluster) ?? '',
  ]);
  const head = ['CLUSTER', 'WEIGHT', 'READY', 'SERVING', 'SHARE', 'ADDRESSES', 'LEFT OUT BECAUSE'];
  return `Why: ${reasonOf(why)}.\n${rows.length === 0 ? '' : table(head, rows)}`;
}

/** `80.0 %` */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function addressesOf(addresses: readonly string[]): string {
  if (addresses.length === 0) return '-';
  const more = addresses.length - SHOWN;
  return `${addresses.slice(0, SHOWN).join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}
