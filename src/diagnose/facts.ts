import type { Known } from '../base/known.ts';
import type { CoreDnsFacts } from '../corefile/facts.ts';
import type { ControllerReplica } from '../health/facts.ts';
import type { MeshPage } from '../health/pages.ts';
import type { PodObject } from '../objects/pod.ts';
import type { TokenLife } from '../objects/token.ts';

/** What was tried: it worked, it did not, or it could not be tried. */
export type Tried<Value> = Known<Value> | { readonly failed: string };

/** Kubernetes objects as an API server sends them; who looks at them checks what it needs. */
export type Objects = Known<readonly object[]>;

/** Everything that is judged. Plain values, gathered at about the same moment. */
export interface Facts {
  /** Milliseconds since the epoch, by the clock of this machine. */
  readonly now: number;
  /** Of this program. */
  readonly version: string;
  /** The namespace that Causeway runs in. */
  readonly namespace: string;
  /** The CustomResourceDefinitions that come with this program. */
  readonly definitions: readonly object[];
  /** One, or two where a pair is looked at. */
  readonly clusters: readonly ClusterFacts[];
}

/** A cluster, seen with the operator's own credential. */
export interface ClusterFacts {
  /** What the kubeconfig calls it. */
  readonly context: string;
  readonly reach: ReachFacts;
  /** Its version of Kubernetes, asked for with the credential. */
  readonly api: Tried<string>;
  /** By `wishText`: whether the operator may do it. */
  readonly rights: Known<Answers>;
  readonly objects: ClusterObjects;
  readonly remotes: Known<readonly RemoteFacts[]>;
  /** What runs of Causeway. */
  readonly replicas: Known<readonly ReplicaFacts[]>;
  readonly coreDns: Known<CoreDnsFacts>;
  /** Real questions to the DNS daemons, from this machine. */
  readonly probes: Known<readonly Probe[]>;
  /** Undefined: every answer is small. */
  readonly largest: Known<LargestAnswer | undefined>;
}

/** A server that was asked for the SOA of the zone. */
export interface Probe {
  /** `10.96.0.53 port 53` */
  readonly target: string;
  readonly udp: Tried<ProbedAnswer>;
  readonly tcp: Tried<ProbedAnswer>;
}

export interface ProbedAnswer {
  readonly rcode: string;
  /** How many addresses it has. */
  readonly records: number;
  /** What it came over in the end: over TCP where a datagram did not hold it. */
  readonly transport: 'udp' | 'tcp' | 'http';
  readonly milliseconds: number;
}

/** The name with the most addresses, and its answer. */
export interface LargestAnswer {
  readonly name: string;
  readonly answer: Tried<ProbedAnswer>;
}

/** A pod of Causeway, and what its page under `/debug` says. */
export type ReplicaFacts =
  | ({ readonly component: 'controller' } & ControllerReplica)
  | { readonly component: 'dns'; readonly pod: PodObject; readonly page: Known<MeshPage> };

export type Answers = Readonly<Record<string, boolean>>;

/** What is listed in a cluster; those below `deployments` in the namespace that Causeway runs in. */
export interface ClusterObjects {
  readonly definitions: Objects;
  readonly clusterProperties: Objects;
  readonly nodes: Objects;
  /** networking.k8s.io/v1 ServiceCIDR. */
  readonly serviceCidrs: Objects;
  readonly deployments: Objects;
  readonly leases: Objects;
  readonly services: Objects;
  readonly endpointSlices: Objects;
  readonly networkPolicies: Objects;
  readonly daemonSets: Objects;
  readonly remoteNodes: Objects;
}

/** Another cluster, seen with the credential that a RemoteCluster refers to. */
export interface RemoteFacts {
  /** Of the RemoteCluster. */
  readonly name: string;
  /** The RemoteCluster itself. */
  readonly object: object;
  /** Failed: the Secret is not there, or what is in it cannot be used. */
  readonly access: Tried<RemoteAccess>;
}

export interface RemoteAccess {
  readonly credential: CredentialFacts;
  readonly reach: ReachFacts;
  /** Its version of Kubernetes, asked for with the credential. */
  readonly api: Tried<string>;
  readonly rights: RightsFacts;
  readonly clusterProperties: Objects;
  readonly nodes: Objects;
}

/** What can be told of a credential by looking at it. */
export interface CredentialFacts {
  /** The kubeconfig's namespace: where the cluster publishes for this one alone. */
  readonly namespace: string | undefined;
  readonly kind: 'token' | 'certificate';
  /** Undefined: it has no end. Unknown: it does not say so, for a token need not be a JWT. */
  readonly life: Known<TokenLife | undefined>;
}

/** What the API server says that a credential may do. */
export interface RightsFacts {
  /** By `wishText`. */
  readonly answers: Known<Answers>;
  /** SelfSubjectRulesReview of each namespace looked at. */
  readonly rules: Known<readonly NamespaceRules[]>;
}

export interface NamespaceRules {
  readonly namespace: string;
  /** True: the API server says that it does not know them all. */
  readonly incomplete: boolean;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Of the only objects that it is about; absent: it is about all. */
  readonly names?: readonly string[];
}

/** The way to an API server, as seen from this machine. */
export interface ReachFacts {
  /** `https://api.east.example.com:6443` */
  readonly server: string;
  /** Addresses of its host. */
  readonly addresses: Tried<readonly string[]>;
  /** Milliseconds until TCP stood. */
  readonly connect: Tried<number>;
  readonly tls: Tried<TlsFacts>;
  readonly clock: Known<ClockFacts>;
}

/** What a TLS handshake brought to light. Times are in milliseconds since the epoch. */
export interface TlsFacts {
  /** `TLSv1.3` */
  readonly version: string;
  readonly cipher: string;
  readonly subject: string;
  readonly issuer: string;
  /** Whom the connection trusts. `nobody`: the kubeconfig says that nothing is to be verified. */
  readonly authority: 'kubeconfig' | 'system' | 'nobody';
  /** Why the chain does not lead to whom the connection trusts, in OpenSSL's word; undefined: it does. */
  readonly chainFault: string | undefined;
  /** What the certificate has to bear. */
  readonly name: string;
  readonly nameFits: boolean;
  /** Names and addresses it bears: `DNS:api.east.example.com, IP Address:10.0.0.1`. */
  readonly names: string;
  /** Object identifiers of its extended key usage; empty: it may be used for everything. */
  readonly usages: readonly string[];
  readonly begins: number;
  readonly ends: number;
}

/** How a server's clock stands to that of this machine, in seconds. */
export interface ClockFacts {
  /** Above zero: it is ahead. */
  readonly ahead: number;
  /** It may be as much more or less: the header counts whole seconds, and the way there takes time. */
  readonly uncertainty: number;
}
