import { parseBlock } from '../base/block.ts';
import { parseAddress } from '../base/ip.ts';
import { MANAGED_BY, READ_BY, US } from '../objects/names.ts';
import type { NodeObject } from '../objects/node.ts';
import { MOST_LISTED } from '../objects/node-limits.ts';
import { show } from '../objects/problem.ts';
import type { PlanTools } from './model.ts';
import { base32hex } from './names.ts';

type Sha256 = PlanTools['sha256'];

const LONGEST_NAME = 253;
/** 100 bits: names are other clusters' to choose, and none may come out as that of another node. */
const HASH_LENGTH = 20;
/** What is wrong with one node fills no message. */
const MOST_TOLD = 5;

/** The RemoteNode that shall stand for a node of another cluster. */
export interface DesiredRemoteNode {
  readonly name: string;
  /** Of the RemoteCluster by which its cluster is read. */
  readonly readBy: string;
  /** As it reads back from the API server. */
  readonly node: NodeObject;
  /** What of the node is not in it, because no API server would take it: the field, what was found, what it must be. */
  readonly leftOut: readonly string[];
}

/**
 * The name of a RemoteNode: `east.node-1`. Where that is too long, or the cluster's id holds dots (`a.b.c` would be
 * node `c` of `a.b` and `b.c` of `a`), it ends in a hash and holds no dot, so that no other name comes out like it.
 */
export function remoteNodeName(cluster: string, node: string, sha256: Sha256): string {
  const name = `${cluster}.${node}`;
  if (name.length <= LONGEST_NAME && !cluster.includes('.')) return name;
  const hash = base32hex(sha256(`${cluster}/${node}`)).slice(0, HASH_LENGTH);
  const readable = name.replaceAll('.', '-').slice(0, LONGEST_NAME - HASH_LENGTH - 1);
  return `${readable.replace(/-+$/, '')}-${hash}`;
}

/**
 * Takes over of a Node what routes are built from.
 *
 * @param readBy name of the RemoteCluster
 * @param cluster its id
 * @param problems what was wrong with the Node already
 */
export function desiredRemoteNode(
  readBy: string,
  cluster: string,
  node: NodeObject,
  problems: readonly string[],
  sha256: Sha256,
): DesiredRemoteNode {
  const leftOut = [...problems];
  const addresses = (field: string, given: readonly string[]) =>
    usable(field, given, parseAddress, 'an IP address', leftOut);
  const { name, uid, ready, mtu, vtepMAC, podNetworkAddresses } = node;
  const { wireguardPublicKey, wireguardNextPublicKey } = node;
  const underlay = addresses('addresses', node.underlayAddresses ?? node.addresses);
  const blocks = usable(
    'podCIDRs',
    node.podCIDRs,
    text => parseBlock(text)?.text,
    'a block such as 10.1.2.0/24, without host bits',
    leftOut,
  );
  const own = podNetworkAddresses && addresses('podNetworkAddresses', podNetworkAddresses);
  if (uid !== undefined && !isUid(uid)) leftOut.push(`uid: found ${show(uid)}: must be a uid`);
  const wanted: NodeObject = {
    kind: 'RemoteNode',
    name,
    cluster,
    ...(ready === undefined ? {} : { ready }),
    podCIDRs: blocks,
    addresses: underlay,
    ...(uid !== undefined && isUid(uid) ? { uid } : {}),
    ...(mtu === undefined ? {} : { mtu }),
    ...(vtepMAC === undefined ? {} : { vtepMAC }),
    ...(wireguardPublicKey === undefined ? {} : { wireguardPublicKey }),
    ...(wireguardNextPublicKey === undefined ? {} : { wireguardNextPublicKey }),
    ...(own === undefined || own.length === 0 ? {} : { podNetworkAddresses: own }),
  };
  return {
    name: remoteNodeName(cluster, name, sha256),
    readBy,
    node: wanted,
    leftOut: leftOut.slice(0, MOST_TOLD),
  };
}

/** As it is applied. */
export function remoteNodeManifest({ name, readBy, node }: DesiredRemoteNode): object {
  const { kind, name: nodeName, cluster, uid, addresses, podCIDRs, ready } = node;
  const { mtu, vtepMAC, wireguardPublicKey, wireguardNextPublicKey, podNetworkAddresses } = node;
  const keys = { wireguardPublicKey, wireguardNextPublicKey };
  const optional = { nodeUID: uid, mtu, vtepMAC, ...keys, podNetworkAddresses, ready };
  const said = Object.entries(optional).filter(([, value]) => value !== undefined);
  return {
    apiVersion: 'causeway.dev/v1alpha1',
    kind,
    metadata: { name, labels: { [MANAGED_BY]: US }, annotations: { [READ_BY]: readBy } },
    spec: { cluster, nodeName, addresses, podCIDRs, ...Object.fromEntries(said) },
  };
}

/** Canonical, each once, and no more than there may be. */
function usable(
  field: string,
  given: readonly string[],
  read: (text: string) => string | undefined,
  must: string,
  leftOut: string[],
): string[] {
  const found = new Set<string>();
  for (const text of given.slice(0, MOST_LISTED)) {
    const value = read(text);
    if (value === undefined) leftOut.push(`${field}: found ${show(text)}: must be ${must}`);
    else found.add(value);
  }
  if (given.length > MOST_LISTED) {
    leftOut.push(`${field}: found ${given.length}: must be ${MOST_LISTED} at most`);
  }
  return [...found];
}

function isUid(text: string): boolean {
  return /^[A-Za-z0-9-]{1,64}$/.test(text);
}
