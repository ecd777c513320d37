import * as v from 'valibot';
import { messageOf } from '../base/errors.ts';
import { stubDomainFindings } from '../corefile/cache.ts';
import type { Expected, Finding } from '../corefile/finding.ts';
import { findingsOf } from '../corefile/findings.ts';
import { readCorefile } from '../corefile/read.ts';
import { runningStanza } from '../corefile/replica.ts';
import type { Diagnosis } from '../views/diagnose.ts';
import { COREFILE_CODES, checks, messages } from './coredns-messages.ts';
import type { ClusterFacts } from './facts.ts';
import { family, type Say } from './family.ts';
import { read, zoneOf } from './known.ts';

const ConfigMap = v.object({
  metadata: v.object({ name: v.string() }),
  data: v.nullish(v.record(v.string(), v.string()), {}),
});
type ConfigMap = v.InferOutput<typeof ConfigMap>;
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
  const { context, objects, coreDns: facts } = cluster;
  const maps = read(ConfigMap, objects.corefiles);
  if ('unknown' in maps || 'unknown' in facts) {
    const reason = 'unknown' in maps ? maps.unknown : 'unknown' in facts ? facts.unknown : '';
    yield say.unknown('coredns.stanza', context, reason);
    return;
  }
  const expected: Expected = {
    zone: zoneOf(cluster),
    port: '53',
    addresses: facts.value.addresses,
    clusterDns: facts.value.clusterDns,
  };
  const named = (name: string) => maps.value.find(({ metadata }) => metadata.name === name);
  const custom = new Map(Object.entries(named('coredns-custom')?.data ?? {}));
  const there = ['coredns', 'node-local-dns'].flatMap(name => named(name) ?? []);
  for (const map of there) yield* corefile(map, expected, custom, context, say);
  if (there.length === 0) {
    yield say.unknown(
      'coredns.stanza',
      context,
      'there is no ConfigMap coredns in namespace kube-system',
      'look by hand whether your DNS forwards the zone: docs/coredns.md',
    );
  }
  const stubs = stubDomainFindings(named('kube-dns')?.data?.['stubDomains'] ?? '', expected.zone);
  for (const found of stubs) yield said(found, 'ConfigMap kube-dns', context, say);
}

function* corefile(
  { metadata, data }: ConfigMap,
  expected: Expected,
  custom: ReadonlyMap<string, string>,
  context: string,
  say: CoreDnsSay,
): Generator<Diagnosis> {
  const map = `ConfigMap ${metadata.name}`;
  let found: readonly Finding[];
  try {
    found = findingsOf(readCorefile(data?.['Corefile'] ?? ''), expected, custom);
  } catch (thrown) {
    yield say.wrong('COREFILE_UNREADABLE', context, { map, reason: messageOf(thrown) });
    return;
  }
  for (const one of found) yield said(one, map, context, say);
  const codes = found.map(({ code }) => code);
  const judged: (string | undefined)[] = codes
    .map(code => COREFILE_CODES[code])
    .map(code => code && messages[code].check);
  const well = {
    'coredns.zone': 'nothing else takes the zone',
    'coredns.reload': 'changes are seen without a restart',
    // Of a block that is not there nothing can be said.
    ...(codes.includes('STANZA_MISSING')
      ? {}
      : {
          'coredns.forward': `it forwards to ${expected.addresses.join(' ')}`,
          'coredns.cache': 'nothing keeps answers',
        }),
  };
  for (const [check, says] of Object.entries(well)) {
    if (!judged.includes(check)) yield say.good(check as keyof typeof checks, context, `${map}: ${says}`);
  }
}

function said(
  { code, file, line, found, meaning }: Finding,
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
  return say.wrong(message, context, { place, found, meaning });
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
  for (const { pod, zones } of pods.value) {
    const { name } = pod;
    const { present, cached } = runningStanza('value' in zones ? zones.value : [], zone);
    if ('unknown' in zones) yield say.unknown('coredns.replicas', context, `${name}: ${zones.unknown}`);
    else if (zones.value.length === 0) {
      yield say.unknown(
        'coredns.replicas',
        context,
        `${name} does not tell its plugins: no block has prometheus`,
      );
    } else if (!present) yield say.wrong('REPLICA_WITHOUT_STANZA', context, { pod: name, zone });
    else if (cached) yield say.wrong('REPLICA_CACHES', context, { pod: name, zone });
    else yield say.good('coredns.replicas', context, `${name} forwards ${zone}`);
  }
}
