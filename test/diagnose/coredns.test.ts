import { expect, test } from 'vitest';
import { FINDINGS, type FindingCode } from '../../src/corefile/finding.ts';
import type { TextMap } from '../../src/corefile/places.ts';
import { runningCoreDns } from '../../src/corefile/replica.ts';
import { coreDns } from '../../src/diagnose/coredns.ts';
import { COREFILE_CODES, messages } from '../../src/diagnose/coredns-messages.ts';
import { type ClusterChange, clusterOf, complaints, factsOf, said } from '../kit/diagnose-facts.ts';
import { configMap, coreDnsOf, coreDnsPod, PLAIN_COREFILE, STANZA } from '../kit/diagnose-running.ts';

test('the stanza in the Corefile, and at work', () => {
  expect(said(coreDns, factsOf())).toEqual([
    '✓ coredns.stanza east: ConfigMap kube-system/coredns, Corefile:7: clusterset.local in the block clusterset.local:53; somebody wrote this block, and Causeway leaves it alone',
    '✓ coredns.zone east: ConfigMap kube-system/coredns: nothing else takes the zone',
    '✓ coredns.reload east: ConfigMap kube-system/coredns: changes are seen without a restart',
    '✓ coredns.forward east: ConfigMap kube-system/coredns: it forwards to 10.110.0.53',
    '✓ coredns.cache east: ConfigMap kube-system/coredns: nothing keeps answers',
    '✓ coredns.replicas east: coredns-0 forwards clusterset.local',
  ]);
});

const running = (plugins: readonly string[]) => [coreDnsPod('coredns-0', plugins)];
const FORWARDING = running(['errors', 'forward']);
const corefile = (text: string, more: readonly TextMap[] = [], pods = FORWARDING): ClusterChange => ({
  coreDns: coreDnsOf(pods, [configMap('coredns', { Corefile: text }), ...more]),
});
const stanza = (...lines: readonly string[]) =>
  `${PLAIN_COREFILE}clusterset.local:53 {\n    ${lines.join('\n    ')}\n}\n`;
const CUSTOM = `.:53 {\n    errors\n    reload\n}\nimport custom/*.server\n`;

test.each<{ case: string; change: ClusterChange; lines: (string | RegExp)[] }>([
  {
    case: 'no stanza',
    change: corefile(PLAIN_COREFILE, [], running([])),
    lines: [
      /^✗ coredns.stanza east: there is no stanza for the cluster set: clusterset.local answered by .:53 \(ConfigMap kube-system\/coredns, Corefile:1\)$/,
      '✗ coredns.replicas east: pod coredns-0 does not forward clusterset.local',
    ],
  },
  {
    case: 'a stale ClusterIP',
    change: corefile(stanza('forward . 10.110.0.99')),
    lines: [
      '✗ coredns.forward east: the stanza points at a stale address: forward to 10.110.0.99 (ConfigMap kube-system/coredns, Corefile:8)',
    ],
  },
  {
    case: "CoreDNS's own ClusterIP",
    change: corefile(stanza('forward . 10.110.0.10')),
    lines: [
      '✗ coredns.forward east: the stanza forwards to CoreDNS itself: forward to 10.110.0.10 (ConfigMap kube-system/coredns, Corefile:8)',
    ],
  },
  {
    case: 'a cache',
    change: corefile(stanza('cache 30', 'forward . 10.110.0.53'), [], running(['cache', 'forward'])),
    lines: [
      '⚠ coredns.cache east: a cache stands in front of Causeway: cache 30 (ConfigMap kube-system/coredns, Corefile:8)',
      '⚠ coredns.replicas east: pod coredns-0 keeps answers for clusterset.local in a cache',
    ],
  },
  {
    case: 'the stanza twice',
    change: corefile(PLAIN_COREFILE + STANZA + STANZA),
    lines: [/^✗ coredns.zone east: two blocks claim the zone: /],
  },
  {
    case: "CoreDNS's own multicluster beside the stanza",
    change: corefile(
      PLAIN_COREFILE.replace('kubernetes cluster.local', 'kubernetes cluster.local clusterset.local') +
        STANZA,
    ),
    lines: [/^⚠ coredns.zone east: CoreDNS's own multicluster names the zone, and is not asked: /],
  },
  {
    case: "CoreDNS's own multicluster in the block that forwards the zone",
    change: corefile(
      PLAIN_COREFILE.replace(
        'kubernetes cluster.local',
        'kubernetes cluster.local clusterset.local\n    forward clusterset.local 10.110.0.53',
      ),
    ),
    lines: [/^✗ coredns.zone east: CoreDNS's own multicluster claims the zone: /],
  },
  {
    case: 'the stanza in ConfigMap coredns-custom',
    change: corefile(CUSTOM, [configMap('coredns-custom', { 'clusterset.server': STANZA })]),
    lines: [],
  },
  {
    case: 'no stanza for NodeLocal DNSCache, and a stub domain besides',
    change: corefile(PLAIN_COREFILE + STANZA, [
      configMap('node-local-dns', { Corefile: PLAIN_COREFILE }),
      configMap('kube-dns', { stubDomains: '{"clusterset.local": ["10.110.0.53"]}' }),
    ]),
    lines: [
      /^✗ coredns.stanza east: there is no stanza for the cluster set: .*\(ConfigMap kube-system\/node-local-dns, Corefile:1\)$/,
      '⚠ coredns.cache east: a cache stands in front of Causeway: stubDomains has clusterset.local (ConfigMap kube-system/kube-dns, stubDomains:1)',
    ],
  },
  {
    case: 'a Corefile that does not parse',
    change: corefile('.:53 {\n    errors\n'),
    lines: [
      /^✗ coredns.stanza east: the Corefile of ConfigMap kube-system\/coredns cannot be read: Corefile:\d+: /,
    ],
  },
  {
    case: 'no CoreDNS that we know',
    change: { coreDns: coreDnsOf([], []) },
    lines: [
      '? coredns.stanza east: there is no ConfigMap coredns in namespace kube-system',
      '? coredns.replicas east: there are no pods k8s-app=kube-dns in namespace kube-system',
    ],
  },
  {
    case: 'pods that do not tell',
    change: {
      coreDns: coreDnsOf([
        { ...coreDnsPod('coredns-0'), running: { unknown: 'no answer within 3 s' } },
        { ...coreDnsPod('coredns-1'), running: { value: runningCoreDns('') } },
      ]),
    },
    lines: [
      '? coredns.replicas east: coredns-0: no answer within 3 s',
      '? coredns.replicas east: coredns-1: no block of its Corefile has `prometheus`, so it does not tell',
    ],
  },
])('$case', ({ change, lines }) => {
  const found = complaints(coreDns, factsOf(clusterOf(change)));
  expect(found).toEqual(lines.map(line => (typeof line === 'string' ? line : expect.stringMatching(line))));
});

test('nothing is good that could not be seen: an address that is not known, a file that is imported', () => {
  const known = coreDnsOf(FORWARDING, [
    configMap('coredns', { Corefile: `${PLAIN_COREFILE}${STANZA}import elsewhere/*.server\n` }),
  ]);
  const unseen = 'value' in known ? { value: { ...known.value, addresses: { unknown: '403' } } } : known;
  expect(said(coreDns, factsOf(clusterOf({ coreDns: unseen })))).toEqual([
    expect.stringMatching(/^✓ coredns.stanza/),
    expect.stringMatching(/^\? coredns.zone east: .*import elsewhere/),
    '? coredns.forward east: ConfigMap kube-system/coredns: no ClusterIP of causeway-dns is known to compare with',
    '✓ coredns.reload east: ConfigMap kube-system/coredns: changes are seen without a restart',
    '✓ coredns.cache east: ConfigMap kube-system/coredns: nothing keeps answers',
    '✓ coredns.replicas east: coredns-0 forwards clusterset.local',
  ]);
});

test('a ConfigMap that could not be read is named', () => {
  const known = coreDnsOf(FORWARDING, []);
  const unread = [{ namespace: 'kube-system', name: 'coredns', reason: '403 Forbidden' }];
  const facts = 'value' in known ? { value: { ...known.value, unread } } : known;
  expect(complaints(coreDns, factsOf(clusterOf({ coreDns: facts })))).toEqual([
    '? coredns.stanza east: ConfigMap kube-system/coredns could not be read: 403 Forbidden',
  ]);
});

test('a stanza, and no Service of Causeway: it points at nobody', () => {
  const known = coreDnsOf(FORWARDING);
  const gone = 'value' in known ? { value: { ...known.value, addresses: { value: [] } } } : known;
  expect(complaints(coreDns, factsOf(clusterOf({ coreDns: gone })))).toEqual([
    '✗ coredns.forward east: the stanza points at a stale address: forward to 10.110.0.53 (ConfigMap kube-system/coredns, Corefile:9)',
  ]);
});

test.each(Object.entries(COREFILE_CODES))('%s weighs as much here as in a status', (code, message) => {
  expect(messages[message].verdict).toBe(FINDINGS[code as FindingCode].severity);
});
