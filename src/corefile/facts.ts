import type { Known } from '../base/known.ts';
import type { CorefilePlace, UnreadMap } from './places.ts';
import type { RunningCoreDns } from './replica.ts';

/** A pod of CoreDNS, as much as is looked at. */
export interface CoreDnsPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Absent: no node has been found for it. */
  readonly node?: string;
  readonly ready: boolean;
  /** Of all its containers together. */
  readonly restarts: number;
  /** Why it does not run. */
  readonly waiting?: string;
}

export interface CoreDnsReplica {
  readonly pod: CoreDnsPod;
  /** The ConfigMap that it starts with: `kube-system/coredns`. */
  readonly corefile: string;
  /** What its metrics say. */
  readonly running: Known<RunningCoreDns>;
}

/** CoreDNS in a cluster, NodeLocal DNSCache included: its Corefiles, and what its pods run. */
export interface CoreDnsFacts {
  /** Empty: no ConfigMap that is known, and could be read, has a Corefile. */
  readonly places: readonly CorefilePlace[];
  /** ConfigMaps without which it is not known which Corefiles there are, or what they say. */
  readonly unread: readonly UnreadMap[];
  readonly replicas: Known<readonly CoreDnsReplica[]>;
  /**
   * ClusterIPs of the Service in front of the DNS daemon, what the stanza is to forward to; with ports if not 53.
   * Empty: there is no such Service.
   */
  readonly addresses: Known<readonly string[]>;
  /** Of CoreDNS's own Service. */
  readonly clusterDns: readonly string[];
}
