import { messageOf } from '../base/errors.ts';
import type { Expected, Finding, FindingCode } from '../corefile/finding.ts';
import { judge } from '../corefile/judge.ts';
import { type CorefilePlace, mapHolding, mapName } from '../corefile/places.ts';
import { isCached, stanzaOf } from '../health/coredns.ts';
import type { Diagnosis } from '../views/diagnose.ts';
import { COREFILE_CODES, checks, messages } from './coredns-messages.ts';
import type { ClusterFacts } from './facts.ts';
import { family, type Say } from './family.ts';
import { zoneOf } from './known.ts';

type CoreDnsSay = Say<keyof typeof checks, typeof messages>;

export const coreDns = family({
  name: 'coredns',
  about:
    'whether CoreDNS hands the zone of the cluster set over to Causeway, in its Corefile and in each of its pods',
  checks,
  messages,
  *judge({ clusters }, say) {
    for (const cluster of clusters) {
      yield* corefiles(cluster, say);
      yield* replicas(cluster, say);
    }
  },
});

function* corefiles(cluster: ClusterFacts, say: CoreDnsSay): Generator<Diagnosis> {
  const { context, coreDns: facts } = cluster;
  if ('unknown' in facts) {
    yield say.unknown('coredns.stanza', context, facts.unknown);
    return;
  }
  const { places, unread, clusterDns } = facts.value;
  const addresses = 'value' in facts.value.addresses ? facts.value.addresses.value : undefined;
  const expected = { zone: zoneOf(cluster), addresses, clusterDns };
  for (const map of unread)
    yield say.unknown(
      'coredns.stanza',
      context,
      `ConfigMap ${mapName(map)} could not be read: ${map.reason}`,
    );
  for (const place of places) yield* corefile(place, expected, context, say);
  if (places.length === 0 && unread.length === 0) {
    yield say.unknown(
      'coredns.stanza',
      context,
      'there is no ConfigMap coredns in namespace kube-system',
      'look by hand whether your DNS forwards the zone: docs/coredns.md',
    );
  }
}

function* corefile(
  place: CorefilePlace,
  expected: Omit<Expected, 'port'>,
  context: string,
  say: CoreDnsSay,
): Generator<Diagnosis> {
  const map = `ConfigMap ${mapName(place.main)}`;
  let found: readonly Finding[];
  try {
    found = judge(place, expected);
  } catch (thrown) {
    yield say.wrong('COREFILE_UNREADABLE', context, { map, reason: messageOf(thrown) });
    return;
  }
  for (const one of found) yield said(one, `ConfigMap ${mapHolding(one.file, place)}`, context, say);
  const codes = found.map(({ code }) => code);
  const judged = codes.map(checkOf);
  const hasBlock = !codes.includes('STANZA_MISSING');
  const addresses = expected.addresses ?? [];
  if (hasBlock && addresses.length === 0 && !judged.includes('coredns.forward')) {
    judged.push('coredns.forward');
    yield say.unknown(
      'coredns.forward',
      context,
      `${map}: no ClusterIP of causeway-dns is known to compare with`,
    );
  }
  const well = {
    // What is not to be seen may take it.
    ...(codes.includes('IMPORT_UNSEEN') ? {} : { 'coredns.zone': 'nothing else takes the zone' }),
    'coredns.reload': 'changes are seen without a restart',
    // Of a block that is not there nothing can be said.
    ...(hasBlock && {
      'coredns.forward': `it forwards to ${addresses.join(' ')}`,
      'coredns.cache': 'nothing keeps answers',
    }),
  };
  for (const [check, says] of Object.entries(well)) {
    if (!judged.includes(check)) yield say.good(check as keyof typeof checks, context, `${map}: ${says}`);
  }
}

function checkOf(code: FindingCode): string | undefined {
  const message = COREFILE_CODES[code];
  return message && messages[message].check;
}

function said(
  { code, severity, file, line, found, meaning }: Finding,
  map: string,
  context: string,
  say: CoreDnsSay,
): Diagnosis {
  const place = `${map}, ${file}:${line}`;
  if (code === 'STANZA_MANAGED' || code === 'STANZA_BY_HAND') {
    return say.good('coredns.stanza', context, `${place}: ${found}; ${meaning}`);
  }
  const message = COREFILE_CODES[code];
  if (message === undefined) return say.unknown('coredns.zone', context, `${place}: ${found}; ${meaning}`);
  const unasked = message === 'KUBERNETES_CLAIMS_ZONE' && severity === 'warning';
  return say.wrong(unasked ? 'KUBERNETES_NAMES_ZONE' : message, context, { place, found, meaning });
}

/** What each pod has at work, whatever the ConfigMap says by now. */
function* replicas(cluster: ClusterFacts, say: CoreDnsSay): Generator<Diagnosis> {
  const { context, coreDns: facts } = cluster;
  const zone = zoneOf(cluster);
  const pods = 'unknown' in facts ? facts : facts.value.replicas;
  if ('unknown' in pods || pods.value.length === 0) {
    const none = 'there are no pods k8s-app=kube-dns in namespace kube-system';
    yield say.unknown('coredns.replicas', context, 'unknown' in pods ? pods.unknown : none);
    return;
  }
  for (const replica of pods.value) {
    const { name } = replica.pod;
    const { stanza, reason } = stanzaOf(replica, zone);
    if (stanza === 'unknown') yield say.unknown('coredns.replicas', context, `${name}: ${reason}`);
    else if (stanza === 'absent') yield say.wrong('REPLICA_WITHOUT_STANZA', context, { pod: name, zone });
    else if (isCached(replica, zone)) yield say.wrong('REPLICA_CACHES', context, { pod: name, zone });
    else yield say.good('coredns.replicas', context, `${name} forwards ${zone}`);
  }
}
