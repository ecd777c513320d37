import { join } from 'node:path';

/** Where the node of a cluster keeps what others look at, below the folder of the cluster. */

/** Unix socket through which the API server reaches pods. */
export function egressPath(folder: string): string {
  return join(folder, 'egress.sock');
}

/** Written when the node is in place: what joining it and looking into it take. */
export function nodeStatePath(folder: string): string {
  return join(folder, 'run', 'node.json');
}

export interface NodeState {
  /** Of the program. A file of an earlier one says nothing. */
  readonly program: number;
  /** A process whose network is the node's. */
  readonly inside: number;
}

/** Everything of one pod: its volumes, its log, its sandbox. */
export function podFolder(folder: string, uid: string): string {
  return join(folder, 'pods', uid);
}

/** Holds the number of a process that is in the namespaces of the pod. */
export function sandboxPath(folder: string, uid: string): string {
  return join(podFolder(folder, uid), 'sandbox.pid');
}
