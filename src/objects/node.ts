import * as v from 'valibot';
import { check, clusterId, listOf, mapping, must, stringMap, subdomain, text } from './fields.ts';
import type { KindReader } from './kind.ts';
import { type PublishedNode, readPublishedNode } from './node-annotations.ts';
import { type NodePods, podsOfNode } from './pod-cidrs.ts';

/** A node, of this cluster or another: where it is reached, and which addresses its pods have. */
export interface NodeObject extends PublishedNode, NodePods {
  readonly kind: 'Node' | 'RemoteNode';
  readonly name: string;
  /** Of which cluster; absent: this one. */
  readonly cluster?: string;
  /** Absent: nobody says. */
  readonly ready?: boolean;
  /** Of a Node its InternalIPs; of a RemoteNode where the nodes of this cluster reach it. */
  readonly addresses: readonly string[];
  readonly zone?: string;
  readonly uid?: string;
}

/** Whether packets to it can be encrypted. While its key changes it may have the next one only. */
export function hasKey({ wireguardPublicKey, wireguardNextPublicKey }: NodeObject): boolean {
  return wireguardPublicKey !== undefined || wireguardNextPublicKey !== undefined;
}

const ZONE = 'topology.kubernetes.io/zone';

const nodeSchema = mapping({
  metadata: mapping({ name: subdomain, uid: v.nullish(text), labels: stringMap, annotations: stringMap }),
  spec: v.nullish(mapping({ podCIDR: v.nullish(text), podCIDRs: listOf(text) })),
  status: v.nullish(
    mapping({
      addresses: listOf(mapping({ type: text, address: text })),
      conditions: listOf(mapping({ type: text, status: text })),
    }),
  ),
});

/** core/v1 Node. */
export const nodeReader: KindReader<NodeObject> = {
  kind: 'Node',
  apiVersions: ['v1'],
  read(raw, problems) {
    const found = check(nodeSchema, raw, problems);
    if (found === undefined) return undefined;
    const { metadata, spec, status } = found;
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    const zone = metadata.labels?.[ZONE];
    const addresses = status?.addresses ?? [];
    return {
      kind: 'Node',
      name: metadata.name,
      ...(ready === undefined ? {} : { ready: ready === 'True' }),
      ...podsOfNode(spec, metadata.annotations ?? {}, problems),
      addresses: addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
      ...(zone === undefined ? {} : { zone }),
      ...(metadata.uid ? { uid: metadata.uid } : {}),
      ...readPublishedNode(metadata.annotations ?? {}, problems),
    };
  },
};

const remoteSchema = mapping({
  spec: mapping({
    cluster: clusterId,
    nodeName: subdomain,
    addresses: listOf(text),
    podCIDRs: listOf(text),
    ready: v.nullish(v.boolean()),
    nodeUID: v.nullish(text),
    mtu: v.nullish(v.number(must('a number'))),
    vtepMAC: v.nullish(text),
    wireguardPublicKey: v.nullish(text),
    wireguardNextPublicKey: v.nullish(text),
    podNetworkAddresses: listOf(text),
  }),
});

/** causeway.dev/v1alpha1 RemoteNode. */
export const remoteNodeReader: KindReader<NodeObject> = {
  kind: 'RemoteNode',
  apiVersions: ['causeway.dev/v1alpha1'],
  read(raw, problems) {
    const spec = check(remoteSchema, raw, problems)?.spec;
    if (spec === undefined) return undefined;
    const { cluster, nodeName, addresses, podCIDRs, ready, nodeUID } = spec;
    const { mtu, vtepMAC, wireguardPublicKey, wireguardNextPublicKey, podNetworkAddresses } = spec;
    return {
      kind: 'RemoteNode',
      name: nodeName,
      cluster,
      ...(ready === undefined || ready === null ? {} : { ready }),
      podCIDRs: podCIDRs ?? [],
      addresses: addresses ?? [],
      ...(nodeUID ? { uid: nodeUID } : {}),
      ...(mtu ? { mtu } : {}),
      ...(vtepMAC ? { vtepMAC } : {}),
      ...(wireguardPublicKey ? { wireguardPublicKey } : {}),
      ...(wireguardNextPublicKey ? { wireguardNextPublicKey } : {}),
      ...(podNetworkAddresses ? { podNetworkAddresses } : {}),
    };
  },
};
