import type { WantedCondition } from '../desired/conditions.ts';
import type { Condition } from '../objects/shapes.ts';
import { type HealthLimits, type HealthState, isReturning } from './health.ts';

/** How it stands with a remote cluster, in words that are a condition's reason; `found` is the message of the fault. */
export interface Finding<Reason extends string> {
  readonly reason: Reason;
  /** What was found, where, and what to do. Absent where nothing is wrong. */
  readonly found?: string;
}

/** Everything that the conditions of a RemoteCluster are made of. */
export interface RemoteFacts {
  readonly contact: Finding<ContactReason>;
  readonly sync: Finding<SyncReason>;
  readonly health: HealthState;
  readonly limits: HealthLimits;
  /** Absent: its pods are not ours to route to (`overlayRoutingMode: Disabled`). */
  readonly routes?: RouteFacts;
}

/** How it stands with the routes to its pods. */
export interface RouteFacts {
  readonly nodes: Finding<NodesReason>;
  readonly dataPath: Finding<DataPathReason>;
}

interface Meaning {
  readonly status: Condition['status'];
  /** What it means for whoever reads it, after what was found. */
  readonly sentence: string;
}

const CONTACT = {
  Connecting: { status: 'Unknown', sentence: 'The API server has not been asked yet.' },
  Answering: { status: 'True', sentence: 'The API server answers.' },
  // The cluster is there, which is what this condition is about; Synced says that it gives nothing.
  CredentialRefused: {
    status: 'True',
    sentence: 'The API server answers, but refuses the credential; see condition Synced.',
  },
  NoAnswer: { status: 'False', sentence: 'The API server gives no answer.' },
  TLSFailed: { status: 'False', sentence: 'The API server and the kubeconfig do not trust each other.' },
  AnswerInvalid: { status: 'False', sentence: 'What answers is no Kubernetes API server.' },
  KubeconfigInvalid: { status: 'False', sentence: 'The kubeconfig in the Secret cannot be used.' },
  SpecInvalid: {
    status: 'False',
    sentence:
      'The cluster is not asked: mend the RemoteCluster, or update Causeway if it was written by a newer one.',
  },
  SecretMissing: { status: 'False', sentence: 'There is no kubeconfig to connect with.' },
  ConnectFailed: { status: 'False', sentence: 'The connection failed for a reason that is not foreseen.' },
} as const satisfies Record<string, Meaning>;

const KEPT = 'What was last heard of the cluster is kept.';

const SYNC = {
  Synced: { status: 'True', sentence: 'What the cluster exports is imported, and changes as it does.' },
  Syncing: { status: 'False', sentence: `What the cluster exports is being read. ${KEPT}` },
  Unreached: {
    status: 'False',
    sentence: `The cluster cannot be read; see condition ControlPlaneReachable. ${KEPT}`,
  },
  CredentialRefused: {
    status: 'False',
    sentence:
      'Put a credential into the Secret that may read what the other cluster publishes for this one (`causeway connect` ' +
      `does). ${KEPT}`,
  },
  CRDsMissing: {
    status: 'False',
    sentence: `Install Causeway's CustomResourceDefinitions in the other cluster. ${KEPT}`,
  },
  NewerSchema: {
    status: 'False',
    sentence: 'They are left out: update Causeway in this cluster if theirs is the newer one.',
  },
  ClusterIdMissing: { status: 'False', sentence: `The cluster does not say which one it is. ${KEPT}` },
  ClusterIdTaken: { status: 'False', sentence: 'Nothing is imported from it.' },
  ServerFailed: {
    status: 'False',
    sentence: `The API server answers with errors: see its log. ${KEPT}`,
  },
} as const satisfies Record<string, Meaning>;

const NODES_KEPT = 'What was last heard of its nodes is kept, and so are the routes to them.';

/** A cluster whose nodes are not read gives its services all the same: this is no part of Synced. */
const NODES = {
  Synced: { status: 'True', sentence: 'The nodes of the cluster are read, and stand here as RemoteNodes.' },
  Syncing: { status: 'False', sentence: `The nodes of the cluster are being read. ${NODES_KEPT}` },
  Unreached: {
    status: 'False',
    sentence: `The cluster cannot be read; see condition ControlPlaneReachable. ${NODES_KEPT}`,
  },
  CredentialRefused: {
    status: 'False',
    sentence:
      'The credential may not read nodes: run `causeway connect` again, or set overlayRoutingMode to Disabled where ' +
      `no routes are wanted. ${NODES_KEPT}`,
  },
  ServerFailed: {
    status: 'False',
    sentence: `The API server answers with errors: see its log. ${NODES_KEPT}`,
  },
  TooMany: { status: 'False', sentence: 'There are no routes to those that are left out.' },
  LeftOut: {
    status: 'False',
    sentence:
      'There are no routes to what is left out. The annotations are written by the routing agents there, ' +
      'causeway.dev/pod-cidrs excepted, which is for an operator to mend.',
  },
} as const satisfies Record<string, Meaning>;

const DATA_PATH = {
  NotReported: { status: 'Unknown', sentence: 'No node of this cluster says whether packets get through.' },
  Reachable: { status: 'True', sentence: 'Packets get through from every node that says anything of it.' },
  PartlyUnreachable: {
    status: 'False',
    sentence:
      'Others do get them through, so traffic still goes to the cluster: see the routing agents of those named.',
  },
  Unreachable: {
    status: 'False',
    sentence:
      'That is most of the nodes, or it was and is not under a third yet, so traffic goes to other clusters where there ' +
      'are any: see the network between the clusters and `causeway diagnose`.',
  },
} as const satisfies Record<string, Meaning>;

export type NodesReason = keyof typeof NODES;
export type DataPathReason = keyof typeof DATA_PATH;
export type ContactReason = keyof typeof CONTACT;
export type SyncReason = keyof typeof SYNC;

/** More than any message of ours; what a remote cluster says may be longer. */
const LONGEST_MESSAGE = 1024;

/** The conditions that only a cluster has which is routed to. */
export const ROUTE_CONDITIONS = ['NodesSynced', 'DataPathReachable'] as const;

/** The conditions of a RemoteCluster. Equal facts give equal ones: nothing in them counts or tells the time. */
export function remoteConditionsOf(facts: RemoteFacts): WantedCondition[] {
  const { contact, sync, routes } = facts;
  const routed: WantedCondition[] =
    routes === undefined
      ? []
      : [
          { type: 'NodesSynced', ...described(routes.nodes, NODES[routes.nodes.reason]) },
          { type: 'DataPathReachable', ...described(routes.dataPath, DATA_PATH[routes.dataPath.reason]) },
        ];
  return [
    { type: 'ControlPlaneReachable', ...described(contact, CONTACT[contact.reason]) },
    { type: 'Synced', ...described(sync, SYNC[sync.reason]) },
    { type: 'Serving', ...serving(facts) },
    ...routed,
  ];
}

type Described = Omit<WantedCondition, 'type'>;

function described({ reason, found }: Finding<string>, { status, sentence }: Meaning): Described {
  const message = found === undefined || found === '' ? sentence : `${clipped(found)}. ${sentence}`;
  return { status, reason, message };
}

function clipped(text: string): string {
  const line = text.replace(/[.\s]+$/, '');
  return line.length <= LONGEST_MESSAGE ? line : `${line.slice(0, LONGEST_MESSAGE)}…`;
}

/** Where the cluster cannot even be asked, or is none of its own. */
const NOTHING_IMPORTED: readonly (ContactReason | SyncReason)[] = [
  'Connecting',
  'SpecInvalid',
  'SecretMissing',
  'KubeconfigInvalid',
  'ClusterIdTaken',
];

/** Whether traffic may go to the cluster: its API server is there, and packets get to its pods as far as is known. */
export function isServing({ health, routes }: Pick<RemoteFacts, 'health' | 'routes'>): boolean {
  return health.serving && routes?.dataPath.reason !== 'Unreachable';
}

function serving(facts: RemoteFacts): Described {
  const { health, limits, contact, sync } = facts;
  if (health.serving && !isServing(facts)) {
    const message =
      'Packets do not get to its pods: traffic goes to other clusters where there are any. See condition DataPathReachable.';
    return { status: 'False', reason: 'Unreachable', message };
  }
  const nothing = NOTHING_IMPORTED.some(reason => reason === contact.reason || reason === sync.reason);
  if (health.serving && nothing) {
    const message = 'Nothing is imported from the cluster; whatever it was last known to serve still counts.';
    return { status: 'Unknown', reason: 'NothingImported', message };
  }
  if (health.serving) {
    return { status: 'True', reason: 'Serving', message: 'Traffic may go to the cluster.' };
  }
  const back = `every time for ${limits.backAfter / 1_000} s`;
  if (isReturning(health)) {
    const message =
      `The API server answers again; traffic may go to the cluster when it has answered ${back}, and what it exports ` +
      'could be read.';
    return { status: 'False', reason: 'Returning', message };
  }
  const message =
    `The API server has been silent for ${limits.lostAfter / 1_000} s: traffic goes to other clusters where there are any. ` +
    `Mend what ControlPlaneReachable says; the cluster is back when the server has answered ${back}.`;
  return { status: 'False', reason: 'Lost', message };
}
