import { type DesiredRemoteNode, desiredRemoteNode, remoteNodeName } from '../../desired/remote-node.ts';
import type { RawObject } from '../../kube/client.ts';
import type { WholeList } from '../../kube/informer-listener.ts';
import { sameData } from '../../mesh/equal.ts';
import { nodeReader } from '../../objects/node.ts';
import { Problems } from '../../objects/problem.ts';
import { MOST_NODES } from '../../routes/validate.ts';
import type { Finding, NodesReason } from '../remote-conditions.ts';
import { factsOfFault } from '../remote-fault.ts';

export interface PublishedNodesOptions {
  /** Name of the RemoteCluster. */
  readonly readBy: string;
  /** Its id. */
  readonly cluster: string;
  readonly sha256: (text: string) => Uint8Array;
  /** The RemoteNode of this name may have to be written, or to go. */
  readonly touched: (name: string) => void;
  /** All of the nodes were heard, and what is not among them may go. */
  readonly heard: () => void;
}

/** A Node cut down to what a RemoteNode says; that it cannot be read is kept as what is wrong with it. */
export type ReadNode =
  | { readonly node: string; readonly desired: DesiredRemoteNode }
  | { readonly node: string; readonly fault: string };

/** Nodes of which it is told what was left out. */
const NAMED = 3;

/**
 * The nodes of one other cluster, as it was last heard to have them. They outlive the connection to it: after a break
 * everything stays as it was, and only a full list from the cluster itself takes anything away.
 */
export class PublishedNodes {
  readonly cluster: string;
  readonly #options: PublishedNodesOptions;
  /** By the name of the RemoteNode. */
  readonly #desired = new Map<string, DesiredRemoteNode>();
  /** By node: what is not in its RemoteNode, or why it has none. */
  readonly #leftOut = new Map<string, string>();
  /** Nodes that have a place among those that are taken in. */
  #admitted = new Set<string>();
  #refused = false;
  #refusing = false;
  #whole = false;
  #fault: Error | undefined;

  constructor(options: PublishedNodesOptions) {
    this.#options = options;
    this.cluster = options.cluster;
  }

  /** Whether all of the cluster's nodes were heard in the life of this process. */
  get whole(): boolean {
    return this.#whole;
  }

  get size(): number {
    return this.#desired.size;
  }

  /** Nodes with something that no RemoteNode can say, or without a RemoteNode for that. */
  get leftOut(): number {
    return this.#leftOut.size;
  }

  get desired(): ReadonlyMap<string, DesiredRemoteNode> {
    return this.#desired;
  }

  /** What was found out about the nodes of a cluster that answers. */
  get finding(): Finding<NodesReason> {
    if (this.#fault !== undefined) return faultFinding(this.#fault);
    if (!this.#whole) return { reason: 'Syncing' };
    if (this.#refused) {
      const found = `The cluster has more than ${MOST_NODES} nodes; those that came last are left out`;
      return { reason: 'TooMany', found };
    }
    if (this.#leftOut.size === 0) return { reason: 'Synced' };
    const named = [...this.#leftOut].slice(0, NAMED).map(([node, what]) => `${node} (${what})`);
    const more = this.#leftOut.size > NAMED ? ' and more' : '';
    return { reason: 'LeftOut', found: `What these nodes say is left out: ${named.join('; ')}${more}` };
  }

  /** The full list comes anew: who had a place may be gone by now. */
  restart(): void {
    this.#admitted = new Set();
    this.#refusing = false;
    this.#fault = undefined;
  }

  /**
   * Undefined: there is no place for it. A Node is 10–20 kB, and nobody holds as many as another cluster likes; a list
   * asks again for those that had no place.
   */
  read(raw: RawObject): ReadNode | undefined {
    const { name } = raw.metadata;
    if (!this.#admitted.has(name) && this.#admitted.size >= MOST_NODES) {
      this.#refused = true;
      this.#refusing = true;
      return undefined;
    }
    this.#admitted.add(name);
    const problems = new Problems(() => name);
    // What it says of its way to clusters is its own cluster's.
    const { dataPath: _dataPath, routes: _routes, ...node } = nodeReader.read(raw, problems) ?? {};
    const texts = problems
      .list()
      .map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`));
    if (!('name' in node)) return { node: name, fault: texts.join('; ') };
    const { readBy, cluster, sha256 } = this.#options;
    return { node: name, desired: desiredRemoteNode(readBy, cluster, node, texts, sha256) };
  }

  put(read: ReadNode): void {
    const { node } = read;
    const what = 'fault' in read ? read.fault : read.desired.leftOut.join('; ');
    if (what === '') this.#leftOut.delete(node);
    else this.#leftOut.set(node, what);
    if ('fault' in read) {
      this.#forget(node);
      return;
    }
    const { desired } = read;
    const before = this.#desired.get(desired.name);
    this.#desired.set(desired.name, desired);
    // A kubelet writes its Node every few minutes; nothing that is wanted here changes by that.
    if (!sameData(before?.node, desired.node)) this.#options.touched(desired.name);
  }

  drop(node: string): void {
    this.#admitted.delete(node);
    this.#leftOut.delete(node);
    this.#forget(node);
  }

  /** The whole list is in and believed: what is not on it is gone. */
  listed(list: WholeList): void {
    for (const { node } of this.#desired.values()) if (!list.has('', node.name)) this.drop(node.name);
    for (const node of [...this.#leftOut.keys()]) if (!list.has('', node)) this.#leftOut.delete(node);
    this.#admitted = new Set([...this.#admitted].filter(node => list.has('', node)));
    this.#refused = this.#refusing;
    this.#refusing = false;
    this.#whole = true;
    this.#options.heard();
  }

  stale(fault: Error): void {
    this.#fault = fault;
  }

  fresh(): void {
    this.#fault = undefined;
  }

  #forget(node: string): void {
    const name = remoteNodeName(this.cluster, node, this.#options.sha256);
    if (this.#desired.delete(name)) this.#options.touched(name);
  }
}

function faultFinding(fault: Error): Finding<NodesReason> {
  const { reason } = factsOfFault(fault).sync;
  if (reason === 'CredentialRefused' || reason === 'ServerFailed') return { reason, found: fault.message };
  return { reason: 'Unreached' };
}
