import type { Place } from './model.ts';

/** Every code that a Corefile can be judged by; README of corefile/ and docs/coredns.md say more about each trap. */
export type FindingCode =
  | 'STANZA_MISSING'
  | 'STANZA_MANAGED'
  | 'STANZA_BY_HAND'
  | 'ZONE_CLAIMED_TWICE'
  | 'ZONE_BELOW_CLAIMED'
  | 'KUBERNETES_CLAIMS_ZONE'
  | 'CACHE_IN_FRONT'
  | 'FORWARD_MISSING'
  | 'FORWARD_STALE'
  | 'FORWARD_BY_NAME'
  | 'FORWARD_TO_ITSELF'
  | 'BIND_MISSING'
  | 'RELOAD_MISSING'
  | 'IMPORT_UNSEEN';

/** One thing to say about a Corefile. */
export interface Finding {
  readonly code: FindingCode;
  readonly file: string;
  readonly line: number;
  /** What stands there. */
  readonly found: string;
  /** What follows from it, and what to do where something has to be done. */
  readonly meaning: string;
}

/** What a Corefile is held against. */
export interface Expected {
  readonly zone: string;
  readonly port: string;
  /** The ClusterIPs of the Service in front of `causeway dns`, with ports where they are not 53. None: not known. */
  readonly addresses: readonly string[];
  /** The ClusterIPs of CoreDNS's own Service, `kube-dns`. */
  readonly clusterDns: readonly string[];
}

export function finding(
  code: FindingCode,
  { file, line }: Pick<Place, 'file' | 'line'>,
  found: string,
  meaning: string,
): Finding {
  return { code, file, line, found, meaning };
}
