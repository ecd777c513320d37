import { isClusterId } from '../base/name.ts';
import { type Annotation, readAnnotation } from './annotations.ts';
import { type ClusterRoutes, clusterRoutesText, readClusterRoutes } from './cluster-routes.ts';
import { isMapping } from './fields.ts';
import { MOST_LISTED } from './node-limits.ts';
import type { Problems } from './problem.ts';

/** Whether packets get through to the pods of another cluster. */
export type DataPath = 'up' | 'down';

/** What a node's routing agent says of it, for the nodes of other clusters and for the controller of its own. */
export interface PublishedNode {
  /** Where the nodes of other clusters reach it. Absent: at its InternalIPs. */
  readonly underlayAddresses?: readonly string[];
  /** Octets of the largest packet that its network takes. */
  readonly mtu?: number;
  readonly vtepMAC?: string;
  readonly wireguardPublicKey?: string;
  /** While its key changes: the one that comes after that one, or has just become it. */
  readonly wireguardNextPublicKey?: string;
  /** Its own addresses inside its pod CIDRs. */
  readonly podNetworkAddresses?: readonly string[];
  /** By the id of the other cluster. One that is not in it: nobody knows yet. */
  readonly dataPath?: ReadonlyMap<string, DataPath>;
  /** For people: nothing follows from it. By the id of the other cluster. */
  readonly routes?: ReadonlyMap<string, ClusterRoutes>;
}

const MOST_CLUSTERS = 1_000;
const OTHERWISE = 'the node counts as one that does not say it';

const ANNOTATIONS = {
  underlayAddresses: addresses('causeway.dev/underlay-addresses'),
  mtu: {
    names: ['causeway.dev/underlay-mtu'],
    must: 'a quoted whole number "1280"–"65535"',
    otherwise: OTHERWISE,
    parse: text => {
      const octets = /^[1-9]\d{3,4}$/.test(text) ? Number(text) : 0;
      return octets >= 1_280 && octets <= 65_535 ? octets : undefined;
    },
  },
  vtepMAC: matching(
    'causeway.dev/vtep-mac',
    /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/,
    'the hardware address of a device such as "02:00:5e:10:00:01"',
  ),
  wireguardPublicKey: publicKey('causeway.dev/wireguard-public-key'),
  wireguardNextPublicKey: publicKey('causeway.dev/wireguard-next-public-key'),
  podNetworkAddresses: addresses('causeway.dev/pod-network-addresses'),
  dataPath: {
    names: ['causeway.dev/data-path'],
    must: 'a JSON object of cluster ids with "up" or "down"',
    otherwise: OTHERWISE,
    parse: dataPathOf,
  },
  routes: {
    names: ['causeway.dev/routes'],
    must: 'text',
    otherwise: OTHERWISE,
    parse: readClusterRoutes,
  },
} as const satisfies { readonly [Field in keyof PublishedNode]-?: Annotation<PublishedNode[Field]> };

/** What a Node's annotations say. What is nonsense counts as absent. */
export function readPublishedNode(
  annotations: Readonly<Record<string, unknown>>,
  problems: Problems,
): PublishedNode {
  const found = Object.entries(ANNOTATIONS).map(([field, annotation]) => [
    field,
    readAnnotation<unknown>(annotation, annotations, problems),
  ]);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

/** What nobody waits for. Its writing may take its time, which that of everything else may not. */
export const UNHURRIED_ANNOTATIONS: ReadonlySet<string> = new Set(ANNOTATIONS.routes.names);

/** All annotations of a published node, `null` where it says nothing: as a merge patch (RFC 7396) takes them away. */
export function publishedAnnotations(node: PublishedNode): Readonly<Record<string, string | null>> {
  const { dataPath, routes } = node;
  const texts: { readonly [Field in keyof typeof ANNOTATIONS]: string | undefined } = {
    underlayAddresses: node.underlayAddresses?.join(','),
    mtu: node.mtu?.toString(),
    vtepMAC: node.vtepMAC,
    wireguardPublicKey: node.wireguardPublicKey,
    wireguardNextPublicKey: node.wireguardNextPublicKey,
    podNetworkAddresses: node.podNetworkAddresses?.join(','),
    dataPath:
      dataPath &&
      JSON.stringify(Object.fromEntries([...dataPath].sort(([one], [other]) => (one < other ? -1 : 1)))),
    routes: routes && clusterRoutesText(routes),
  };
  const named = Object.entries(texts).map(([field, text]) => [
    ANNOTATIONS[field as keyof typeof ANNOTATIONS].names[0],
    text ?? null,
  ]);
  return Object.fromEntries(named);
}

/** The names of all of them. */
export const PUBLISHED_ANNOTATIONS: readonly string[] = Object.keys(publishedAnnotations({}));

/** Whether they are addresses is decided by who routes to them, as for everything that a remote cluster says. */
function addresses(name: string): Annotation<readonly string[]> {
  return {
    names: [name],
    must: `up to ${MOST_LISTED} addresses with commas between them`,
    otherwise: OTHERWISE,
    parse: text => {
      const list = text.split(',', MOST_LISTED + 1).map(one => one.trim());
      const isGood = list.length <= MOST_LISTED && list.every(one => /^[0-9A-Fa-f:.]{2,45}$/.test(one));
      return isGood ? list : undefined;
    },
  };
}

function publicKey(name: string): Annotation<string> {
  return matching(name, /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, '32 octets as base64');
}

function matching(name: string, pattern: RegExp, must: string): Annotation<string> {
  return {
    names: [name],
    must,
    otherwise: OTHERWISE,
    parse: text => (pattern.test(text) ? text : undefined),
  };
}

function dataPathOf(text: string): ReadonlyMap<string, DataPath> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isMapping(value)) return undefined;
  const entries = Object.entries(value);
  const isGood = entries.every(
    ([cluster, path]) => isClusterId(cluster) && (path === 'up' || path === 'down'),
  );
  return isGood && entries.length <= MOST_CLUSTERS ? new Map(entries as [string, DataPath][]) : undefined;
}
