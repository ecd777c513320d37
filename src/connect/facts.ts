/** What is known of a cluster that shall be connected with others. */
export interface MemberFacts {
  /** The kubeconfig's name for it. */
  readonly context: string;
  /** Of Kubernetes: `v1.33.1`. */
  readonly version: string;
  /** What it has to have and lacks: `CustomResourceDefinition remoteclusters.causeway.dev`. */
  readonly missing: readonly string[];
  /** Undefined: it has none, or none that can be one. */
  readonly clusterId: string | undefined;
  readonly clusterset: string | undefined;
  readonly remotes: readonly NamedRemote[];
  readonly endpoint: EndpointFacts;
}

/** A RemoteCluster that a cluster has. */
export interface NamedRemote {
  readonly name: string;
  /** What the cluster behind it calls itself; undefined: it was not heard yet. */
  readonly clusterId: string | undefined;
}

/** The address by which other clusters will ask an API server, as it looks from here. */
export interface EndpointFacts {
  readonly server: string;
  /** Whether the operator has given it for other clusters, apart from the kubeconfig. */
  readonly isOverride: boolean;
  readonly trust: /** Its certificate leads to an authority that can be handed over. */
    | { readonly verified: AuthorityOrigin }
    /** It answers, and its certificate leads to none. */
    | { readonly distrusted: string; readonly issuer: string }
    | { readonly unreached: string }
    /** The operator has said not to. */
    | 'unasked';
}

/** Where the authority comes from: the operator's kubeconfig, the cluster's own, or Node's list. */
export type AuthorityOrigin = 'kubeconfig' | 'kube-root-ca.crt' | 'system';
