import { messageOf } from '../base/errors.ts';
import type { CoreDnsFacts, CoreDnsReplica } from '../corefile/facts.ts';
import type { Finding as CorefileFinding, FindingCode } from '../corefile/finding.ts';
import { judge } from '../corefile/judge.ts';
import { type CorefilePlace, mapHolding, mapName } from '../corefile/places.ts';
import { runningStanza } from '../corefile/replica.ts';
import type { Finding } from '../views/finding.ts';
import type { StatusCoreDns } from '../views/status.ts';

const INSTALL = 'put the stanza in with `causeway coredns install`';
/** Where there is nothing that an install could forward to. */
const ENABLE =
  'bring Causeway in with `causeway enable`, name the namespace that it runs in with --namespace, or take the stanza out';
const BY_HAND = 'edit it by hand, or remove the block and run `causeway coredns install`';
const OPERATOR = 'the DNS operator writes it: see corefile/openshift-dns-operator.yaml and docs/coredns.md';

/** What another run of `causeway coredns install` mends. */
const MENDED: readonly FindingCode[] = [
  'STANZA_MISSING',
  'FORWARD_MISSING',
  'FORWARD_STALE',
  'FORWARD_BY_NAME',
  'FORWARD_TO_ITSELF',
];

/** How CoreDNS stands to Causeway: by its ConfigMap, and by each replica as it runs. */
export function coreDnsOf(facts: CoreDnsFacts, zone: string): StatusCoreDns {
  const replicas = 'value' in facts.replicas ? facts.replicas.value : [];
  return {
    zone,
    replicas: replicas.map(replica => ({ pod: replica.pod.name, ...stanzaOf(replica, zone) })),
  };
}

/** Whether a replica runs with the stanza, and why that is not known. */
export function stanzaOf(
  { running }: Pick<CoreDnsReplica, 'running'>,
  zone: string,
): { readonly stanza: 'present' | 'absent' | 'unknown'; readonly reason?: string } {
  if ('unknown' in running) return { stanza: 'unknown', reason: running.unknown };
  const { zones } = running.value;
  if (zones.length === 0) {
    return { stanza: 'unknown', reason: 'no block of its Corefile has `prometheus`, so it does not tell' };
  }
  return { stanza: runningStanza(zones, zone).present ? 'present' : 'absent' };
}

/** Whether a replica keeps what Causeway answers, as far as it tells. */
export function isCached({ running }: Pick<CoreDnsReplica, 'running'>, zone: string): boolean {
  return 'value' in running && runningStanza(running.value.zones, zone).cached;
}

export function coreDnsFindings(facts: CoreDnsFacts, zone: string): Finding[] {
  return [
    ...addressFindings(facts),
    ...mapFindings(facts),
    ...facts.places.flatMap(place => corefileFindings(place, facts, zone)),
    ...replicaFindings(facts, zone),
  ];
}

function mapFindings({ places, unread }: CoreDnsFacts): Finding[] {
  const common = { check: 'coredns.corefile', verdict: 'unknown' } as const;
  if (places.length === 0 && unread.length === 0) {
    const found = 'there is no ConfigMap with a Corefile';
    const remedy = 'see docs/coredns.md for your distribution';
    return [{ ...common, about: 'kube-system/coredns', found, remedy }];
  }
  return unread.map(map => {
    const found = `could not be read: ${map.reason}`;
    return { ...common, about: mapName(map), found };
  });
}

function addressFindings({ addresses }: CoreDnsFacts): Finding[] {
  if ('value' in addresses) return [];
  const found = `whether the zone is forwarded to its ClusterIP is not known: ${addresses.unknown}`;
  return [{ check: 'coredns.address', about: 'causeway-dns', verdict: 'unknown', found }];
}

function corefileFindings(place: CorefilePlace, facts: CoreDnsFacts, zone: string): Finding[] {
  const addresses = 'value' in facts.addresses ? facts.addresses.value : undefined;
  try {
    const found = judge(place, { zone, addresses, clusterDns: facts.clusterDns });
    const byHand = found.some(({ code }) => code === 'STANZA_BY_HAND');
    const remedy = byHand ? BY_HAND : place.dialect === 'openshift' ? OPERATOR : INSTALL;
    const isNobody = addresses?.length === 0;
    return found.map(one =>
      corefileFinding(one, place, one.code === 'FORWARD_STALE' && isNobody ? ENABLE : remedy),
    );
  } catch (thrown) {
    const found = messageOf(thrown);
    return [{ check: 'coredns.corefile', about: mapName(place.main), verdict: 'bad', found }];
  }
}

function corefileFinding(
  { code, severity, file, line, found, meaning }: CorefileFinding,
  place: CorefilePlace,
  remedy: string,
): Finding {
  return {
    check: checkOf(code),
    about: mapHolding(file, place),
    verdict: severity,
    found: `${file} line ${line}: ${found}: ${meaning}`,
    ...(MENDED.includes(code) ? { remedy } : {}),
  };
}

/** `STANZA_MISSING` is `coredns.stanza-missing`. */
export function checkOf(code: FindingCode): string {
  return `coredns.${code.toLowerCase().replaceAll('_', '-')}`;
}

function replicaFindings({ replicas, places }: CoreDnsFacts, zone: string): Finding[] {
  const check = 'coredns.replica';
  if ('unknown' in replicas) {
    const found = `its pods could not be listed: ${replicas.unknown}`;
    return [{ check, about: 'coredns', verdict: 'unknown', found }];
  }
  const lonely = places.filter(({ main }) =>
    replicas.value.every(({ corefile }) => corefile !== mapName(main)),
  );
  if (replicas.value.length === 0 && places.length === 0)
    return [nobody({ namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' }, zone)];
  return [
    ...lonely.map(({ pods }) => nobody(pods, zone)),
    ...replicas.value.map(replica => replicaFinding(replica, zone, places)),
    ...differences(replicas.value),
  ];
}

/** Of a Corefile without pods, whoever they may be. */
export function nobody({ namespace, labelSelector }: CorefilePlace['pods'], zone: string): Finding {
  const found = `there is no pod with the label ${labelSelector} in namespace ${namespace}`;
  const remedy = `ask for a name in ${zone} from a pod: whether CoreDNS forwards it cannot be seen from here`;
  return { check: 'coredns.replica', about: 'coredns', verdict: 'unknown', found, remedy };
}

function replicaFinding(replica: CoreDnsReplica, zone: string, places: readonly CorefilePlace[]): Finding {
  const { namespace, name } = replica.pod;
  const common = { check: 'coredns.replica', about: name };
  const { stanza, reason } = stanzaOf(replica, zone);
  if (stanza === 'present' && isCached(replica, zone)) {
    const remedy = 'remove `cache` from the block of the zone: Causeway answers from memory';
    return { ...common, verdict: 'warning', found: `forwards ${zone}, and keeps answers in a cache`, remedy };
  }
  if (stanza === 'present') return { ...common, verdict: 'good', found: `forwards ${zone}` };
  if (stanza === 'unknown') {
    const remedy = `see \`kubectl -n ${namespace} logs ${name}\``;
    const found = `whether it forwards ${zone} is not known: ${reason}`;
    return { ...common, verdict: 'unknown', found, remedy };
  }
  const place = places.find(({ main }) => mapName(main) === replica.corefile);
  const remedy =
    place !== undefined && hasStanza(place, zone)
      ? `it still runs with an old Corefile; see \`kubectl -n ${namespace} logs ${name}\`, and delete the pod to have it read anew`
      : INSTALL;
  const found = `runs without the stanza, and does not forward ${zone}`;
  return { ...common, verdict: 'bad', found, remedy };
}

function hasStanza(place: CorefilePlace, zone: string): boolean {
  try {
    const found = judge(place, { zone, addresses: undefined, clusterDns: [] });
    return found.every(({ code }) => code !== 'STANZA_MISSING');
  } catch {
    return false;
  }
}

/** Pods of one Corefile that took up different texts last: some of them have not seen the newest one. */
function differences(replicas: readonly CoreDnsReplica[]): Finding[] {
  return [...new Set(replicas.map(({ corefile }) => corefile))].flatMap(corefile => {
    const seen = replicas
      .filter(replica => replica.corefile === corefile)
      .flatMap(({ running }) => ('value' in running ? (running.value.seen ?? []) : []));
    if (new Set(seen).size < 2) return [];
    const found = 'its pods have read different texts of it';
    const remedy = 'CoreDNS takes up to a minute to see a change; look again then';
    return [{ check: 'coredns.text', about: corefile, verdict: 'warning' as const, found, remedy }];
  });
}
