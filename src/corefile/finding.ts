import type { Place } from './model.ts';

/** `good`: as it should be; `bad`: questions do not reach Causeway; `warning`: they do, but look at it. */
export type Severity = 'good' | 'warning' | 'bad';

/** Every code that a Corefile can be judged by, how bad it is and what it is about. docs/coredns.md has the table. */
export const FINDINGS = {
  STANZA_MISSING: { severity: 'bad', about: 'no block hands the zone over to Causeway' },
  STANZA_MANAGED: { severity: 'good', about: '`causeway coredns install` wrote the block of the zone' },
  STANZA_BY_HAND: { severity: 'good', about: 'somebody wrote the block of the zone' },
  ZONE_CLAIMED_TWICE: { severity: 'bad', about: 'two blocks have the zone, and CoreDNS does not load them' },
  ZONE_BELOW_CLAIMED: { severity: 'warning', about: 'another block has a part of the zone' },
  KUBERNETES_CLAIMS_ZONE: {
    severity: 'bad',
    about: "CoreDNS's own `multicluster` has the zone; a warning where the block of the zone is another",
  },
  CACHE_IN_FRONT: { severity: 'warning', about: 'a `cache` keeps answers for 5 seconds at least' },
  FORWARD_MISSING: { severity: 'bad', about: 'the block of the zone forwards it nowhere' },
  FORWARD_STALE: { severity: 'bad', about: 'it forwards to an address that is not that of the Service' },
  FORWARD_BY_NAME: { severity: 'warning', about: 'it forwards to a name instead of an address' },
  FORWARD_TO_ITSELF: { severity: 'bad', about: 'it forwards to CoreDNS itself' },
  BIND_MISSING: {
    severity: 'bad',
    about: 'another block takes the zone on addresses that the stanza does not bind',
  },
  RELOAD_MISSING: { severity: 'warning', about: 'CoreDNS sees changes only when its pods start anew' },
  IMPORT_UNSEEN: { severity: 'warning', about: 'it imports a file that is not in the ConfigMaps' },
} as const satisfies Readonly<Record<string, { readonly severity: Severity; readonly about: string }>>;

export type FindingCode = keyof typeof FINDINGS;

/** One thing to say about a Corefile. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
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
  /**
   * The ClusterIPs of the Service in front of `causeway dns`, with ports where they are not 53. Empty: there is none;
   * undefined: not known.
   */
  readonly addresses: readonly string[] | undefined;
  /** The ClusterIPs of CoreDNS's own Service, `kube-dns`. */
  readonly clusterDns: readonly string[];
}

export function finding(
  code: FindingCode,
  { file, line }: Pick<Place, 'file' | 'line'>,
  found: string,
  meaning: string,
  severity: Severity = FINDINGS[code].severity,
): Finding {
  return { code, severity, file, line, found, meaning };
}
