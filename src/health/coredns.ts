import { messageOf } from '../base/errors.ts';
import type { Finding as CorefileFinding, FindingCode } from '../corefile/finding.ts';
import { findingsOf } from '../corefile/findings.ts';
import { readCorefile } from '../corefile/read.ts';
import { runningStanza } from '../corefile/replica.ts';
import type { Finding, Verdict } from '../views/finding.ts';
import type { StatusCoreDns } from '../views/status.ts';
import type { CoreDnsFacts, CoreDnsReplica } from './facts.ts';

const CONFIG_MAP = 'kube-system/coredns';
const INSTALL = 'put the stanza in with `causeway coredns install`';

/** What keeps questions from Causeway, or gives wrong answers. All else is a warning, or says that all is well. */
const BAD: readonly FindingCode[] = [
  'STANZA_MISSING',
  'ZONE_CLAIMED_TWICE',
  'FORWARD_MISSING',
  'FORWARD_STALE',
  'FORWARD_TO_ITSELF',
  'BIND_MISSING',
];
const GOOD: readonly FindingCode[] = ['STANZA_MANAGED', 'STANZA_BY_HAND'];

/** How CoreDNS stands to Causeway: by its ConfigMap, and by each replica as it runs. */
export function coreDnsOf(facts: CoreDnsFacts, zone: string): StatusCoreDns {
  const replicas = 'value' in facts.replicas ? facts.replicas.value : [];
  return {
    zone,
    replicas: replicas.map(replica => ({ pod: replica.pod.name, ...stanzaOf(replica, zone) })),
  };
}

function stanzaOf({ zones }: CoreDnsReplica, zone: string): Omit<StatusCoreDns['replicas'][number], 'pod'> {
  if ('unknown' in zones) return { stanza: 'unknown', reason: zones.unknown };
  if (zones.value.length === 0) {
    return { stanza: 'unknown', reason: 'no block of its Corefile has `prometheus`, so it does not tell' };
  }
  return { stanza: runningStanza(zones.value, zone).present ? 'present' : 'absent' };
}

export function coreDnsFindings(facts: CoreDnsFacts, zone: string): Finding[] {
  const corefile = corefileFindings(facts, zone);
  const isInCorefile = corefile.some(({ verdict }) => verdict === 'good');
  return [...corefile, ...replicaFindings(facts, zone, isInCorefile)];
}

function corefileFindings({ corefile, addresses, clusterDns }: CoreDnsFacts, zone: string): Finding[] {
  const common = { check: 'coredns.corefile', about: CONFIG_MAP };
  if ('unknown' in corefile) {
    return [{ ...common, verdict: 'unknown', found: `could not be read: ${corefile.unknown}` }];
  }
  if (corefile.value === undefined) {
    const found = 'there is no ConfigMap with a Corefile';
    return [{ ...common, verdict: 'unknown', found, remedy: 'see docs/coredns.md for your distribution' }];
  }
  const { text, imported } = corefile.value;
  try {
    const expected = { zone, port: '53', addresses, clusterDns };
    return findingsOf(readCorefile(text), expected, imported).map(corefileFinding);
  } catch (thrown) {
    return [{ ...common, verdict: 'unknown', found: messageOf(thrown) }];
  }
}

function corefileFinding({ code, file, line, found, meaning }: CorefileFinding): Finding {
  const verdict: Verdict = BAD.includes(code) ? 'bad' : GOOD.includes(code) ? 'good' : 'warning';
  return {
    check: `coredns.${code.toLowerCase().replaceAll('_', '-')}`,
    about: CONFIG_MAP,
    verdict,
    found: `${file} line ${line}: ${found}: ${meaning}`,
    ...(code === 'STANZA_MISSING' || code === 'FORWARD_STALE' ? { remedy: INSTALL } : {}),
  };
}

function replicaFindings({ replicas }: CoreDnsFacts, zone: string, isInCorefile: boolean): Finding[] {
  const check = 'coredns.replica';
  if ('unknown' in replicas) {
    const found = `its pods could not be listed: ${replicas.unknown}`;
    return [{ check, about: 'coredns', verdict: 'unknown', found }];
  }
  if (replicas.value.length === 0) {
    const found = 'there is no pod with the label k8s-app=kube-dns in namespace kube-system';
    const remedy = `ask for a name in ${zone} from a pod: whether CoreDNS forwards it cannot be seen from here`;
    return [{ check, about: 'coredns', verdict: 'unknown', found, remedy }];
  }
  return replicas.value.map(replica => replicaFinding(replica, zone, isInCorefile));
}

function replicaFinding(replica: CoreDnsReplica, zone: string, isInCorefile: boolean): Finding {
  const common = { check: 'coredns.replica', about: replica.pod.name };
  const { stanza, reason } = stanzaOf(replica, zone);
  if (stanza === 'present') return { ...common, verdict: 'good', found: `forwards ${zone}` };
  if (stanza === 'unknown') {
    const remedy = `see ${'`'}kubectl -n kube-system logs ${replica.pod.name}${'`'}`;
    return {
      ...common,
      verdict: 'unknown',
      found: `whether it forwards ${zone} is not known: ${reason}`,
      remedy,
    };
  }
  const remedy = isInCorefile
    ? 'it still runs with an old Corefile: `kubectl -n kube-system rollout restart deployment coredns`'
    : INSTALL;
  return {
    ...common,
    verdict: 'bad',
    found: `runs without the stanza, and does not forward ${zone}`,
    remedy,
  };
}
