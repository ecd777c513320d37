import type { Known } from '../base/known.ts';
import type { CoreDnsFacts } from '../corefile/facts.ts';
import type { PodObject } from '../objects/pod.ts';
import type { RemoteClusterObject } from '../objects/shapes.ts';
import type { ConflictsPage, ControllerPage, MeshPage } from './pages.ts';

/** What came of asking a pod for a page. */
export type Answer =
  /** The pod itself answered; 503 is an answer too. */
  | { readonly answered: true; readonly status: number; readonly text: string }
  /** It gave no answer; `asked: false`: nobody could ask it, because the API server does not let us. */
  | { readonly answered: false; readonly asked: boolean; readonly reason: string };

/** A replica of one of Causeway's components, and what it said just now. */
export interface ReplicaFacts {
  readonly pod: PodObject;
  /** What `/readyz` said. */
  readonly readiness: Answer;
}

export interface ControllerReplica extends ReplicaFacts {
  /** `/debug/remotes` */
  readonly page: Known<ControllerPage>;
  /** `/debug/conflicts` */
  readonly conflicts: Known<ConflictsPage>;
}

export interface DnsReplica extends ReplicaFacts {
  /** `/debug/mesh` */
  readonly page: Known<MeshPage>;
}

/** One of Causeway's Deployments. */
export interface ComponentFacts<Replica extends ReplicaFacts = ReplicaFacts> {
  /** How many replicas there shall be; value undefined: there is no such Deployment. */
  readonly wanted: Known<number | undefined>;
  readonly replicas: Known<readonly Replica[]>;
}

/** The controller's Lease; times in milliseconds. */
export interface LeaseFacts {
  /** Empty: nobody. */
  readonly holder: string;
  /** Since the epoch, by the holder's clock. */
  readonly renewed: number | undefined;
  readonly duration: number;
}

/** What tells whether a controller leads. */
export interface LeadershipFacts {
  readonly controller: ComponentFacts<ControllerReplica>;
  /** Value undefined: there is none. */
  readonly lease: Known<LeaseFacts | undefined>;
  /** Milliseconds since the epoch by the API server's own clock, in whole seconds that have passed. */
  readonly time: number | undefined;
}

/** What one look at a cluster brought to light. */
export interface StatusFacts extends LeadershipFacts {
  /** As the operator's kubeconfig calls it. */
  readonly context: string;
  readonly server: string;
  /** That Causeway runs in. */
  readonly namespace: string;
  /** `v1.34.2` */
  readonly kubernetes: string;
  /** ClusterProperties; value undefined: there is none. */
  readonly id: Known<string | undefined>;
  readonly clusterSet: Known<string | undefined>;
  /** Namespaces of Causeway that are missing or being removed, each with which of both. */
  readonly lostNamespaces: Known<readonly string[]>;
  readonly dns: ComponentFacts<DnsReplica>;
  readonly remotes: Known<readonly RemoteClusterObject[]>;
  /** RemoteNodes by cluster id. */
  readonly remoteNodes: Known<ReadonlyMap<string, number>>;
  readonly coreDns: CoreDnsFacts;
}
