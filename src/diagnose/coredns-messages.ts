import type { FindingCode } from '../corefile/finding.ts';

export const checks = {
  'coredns.stanza': 'the Corefile has a block for the zone of the cluster set',
  'coredns.forward': "its block forwards to the Service's present ClusterIP",
  'coredns.cache': 'no cache keeps answers between the clients and Causeway',
  'coredns.zone': 'nothing else in the Corefile takes the zone or a part of it',
  'coredns.reload': 'CoreDNS sees changes of its Corefile by itself',
  'coredns.replicas': 'each pod of CoreDNS has the block at work',
} as const;

const INSTALL = 'Run `causeway coredns install`, or take the stanza for your distribution from corefile/.';

export const messages = {
  COREFILE_UNREADABLE: {
    check: 'coredns.stanza',
    verdict: 'bad',
    found: 'the Corefile of {map} cannot be read: {reason}',
    cause:
      'It was edited by hand and does not parse: CoreDNS keeps what it loaded last, and does not start anew.',
    cure: 'Mend it in that line; `coredns -conf` says what it thinks of it.',
  },
  STANZA_MISSING: {
    check: 'coredns.stanza',
    verdict: 'bad',
    found: 'there is no stanza for the cluster set: {found} ({place})',
    cause: 'It was never installed, or something wrote the Corefile anew without it; {meaning}.',
    cure: INSTALL,
  },
  FORWARD_MISSING: {
    check: 'coredns.forward',
    verdict: 'bad',
    found: 'the zone has a block that does not forward it: {found} ({place})',
    cause: 'The forward was removed, or excepts the zone: {meaning}.',
    cure: INSTALL,
  },
  FORWARD_STALE: {
    check: 'coredns.forward',
    verdict: 'bad',
    found: 'the stanza points at a stale address: {found} ({place})',
    cause: 'The Service was made anew and got another ClusterIP, or went; {meaning}.',
    cure: INSTALL,
  },
  FORWARD_BY_NAME: {
    check: 'coredns.forward',
    verdict: 'warning',
    found: 'the stanza forwards to a name: {found} ({place})',
    cause: 'Somebody wrote a name instead of an address: {meaning}.',
    cure: INSTALL,
  },
  FORWARD_TO_ITSELF: {
    check: 'coredns.forward',
    verdict: 'bad',
    found: 'the stanza forwards to CoreDNS itself: {found} ({place})',
    cause: "CoreDNS's own ClusterIP was filled in instead of that of causeway-dns; {meaning}.",
    cure: INSTALL,
  },
  CACHE_IN_FRONT: {
    check: 'coredns.cache',
    verdict: 'warning',
    found: 'a cache stands in front of Causeway: {found} ({place})',
    cause: 'The block has a `cache`, or imports one: {meaning}.',
    cure: 'Remove it from the block of the zone: Causeway answers from memory, so that it saves nothing.',
  },
  ZONE_CLAIMED_TWICE: {
    check: 'coredns.zone',
    verdict: 'bad',
    found: 'two blocks claim the zone: {found} ({place})',
    cause: 'The stanza was pasted twice, or beside one that `causeway coredns install` wrote; {meaning}.',
    cure: 'Remove one of them.',
  },
  ZONE_BELOW_CLAIMED: {
    check: 'coredns.zone',
    verdict: 'warning',
    found: 'a part of the zone goes elsewhere: {found} ({place})',
    cause: 'Somebody wrote a block for it; {meaning}.',
    cure: 'Remove that block if it is not meant.',
  },
  KUBERNETES_CLAIMS_ZONE: {
    check: 'coredns.zone',
    verdict: 'bad',
    found: "CoreDNS's own multicluster claims the zone: {found} ({place})",
    cause: 'It was set up for another implementation of the Multi-Cluster Services API; {meaning}.',
    cure: 'Take the zone and `multicluster` out of the plugin kubernetes.',
  },
  KUBERNETES_NAMES_ZONE: {
    check: 'coredns.zone',
    verdict: 'warning',
    found: "CoreDNS's own multicluster names the zone, and is not asked: {found} ({place})",
    cause: 'It was set up for another implementation of the Multi-Cluster Services API; {meaning}.',
    cure: 'Take the zone and `multicluster` out of the plugin kubernetes, lest somebody take it for what answers.',
  },
  BIND_MISSING: {
    check: 'coredns.zone',
    verdict: 'bad',
    found: 'another block takes the zone on some addresses: {found} ({place})',
    cause: 'The blocks listen on different addresses: {meaning}.',
    cure: 'Give both the same `bind`.',
  },
  RELOAD_MISSING: {
    check: 'coredns.reload',
    verdict: 'warning',
    found: 'changes are not seen before a restart: {found} ({place})',
    cause: 'The plugin `reload` was taken out; {meaning}.',
    cure: 'Add `reload` to one block, or restart CoreDNS after each change: `kubectl -n kube-system rollout restart deployment coredns`.',
  },
  REPLICA_WITHOUT_STANZA: {
    check: 'coredns.replicas',
    verdict: 'bad',
    found: 'pod {pod} does not forward {zone}',
    cause:
      'It has not loaded the Corefile since the stanza came in: it has no `reload`, or the Corefile does not load.',
    cure: 'See its logs; `kubectl -n kube-system rollout restart deployment coredns` has all pods read it anew.',
  },
  REPLICA_CACHES: {
    check: 'coredns.replicas',
    verdict: 'warning',
    found: 'pod {pod} keeps answers for {zone} in a cache',
    cause: 'The block it has at work has a `cache`: an answer is kept for 5 s at least, whatever its TTL.',
    cure: 'Remove it from the block of the zone.',
  },
} as const;

/** What a finding about a Corefile is called here; undefined: it is none that is wrong. */
export const COREFILE_CODES: Readonly<
  Partial<Record<FindingCode, Exclude<keyof typeof messages, `REPLICA_${string}` | 'COREFILE_UNREADABLE'>>>
> = {
  STANZA_MISSING: 'STANZA_MISSING',
  ZONE_CLAIMED_TWICE: 'ZONE_CLAIMED_TWICE',
  ZONE_BELOW_CLAIMED: 'ZONE_BELOW_CLAIMED',
  KUBERNETES_CLAIMS_ZONE: 'KUBERNETES_CLAIMS_ZONE',
  CACHE_IN_FRONT: 'CACHE_IN_FRONT',
  FORWARD_MISSING: 'FORWARD_MISSING',
  FORWARD_STALE: 'FORWARD_STALE',
  FORWARD_BY_NAME: 'FORWARD_BY_NAME',
  FORWARD_TO_ITSELF: 'FORWARD_TO_ITSELF',
  BIND_MISSING: 'BIND_MISSING',
  RELOAD_MISSING: 'RELOAD_MISSING',
};
