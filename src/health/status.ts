import type { Known } from '../base/known.ts';
import type { Finding } from '../views/finding.ts';
import type { Status } from '../views/status.ts';
import { componentFindings, replicaOf, versionFindings } from './components.ts';
import { coreDnsFindings, coreDnsOf } from './coredns.ts';
import { dnsFindings, dnsOf, servedZone } from './dns.ts';
import { exportFindings, exportsOf } from './exports.ts';
import type { StatusFacts } from './facts.ts';
import { type Leadership, leaderFinding, leadershipOf } from './leadership.ts';
import { dataPathOf, remoteFindings, remoteOf } from './remotes.ts';

/** What the facts mean. Nothing in it is good that was not looked at. */
export function statusOf(facts: StatusFacts): Status {
  const { namespace, controller, dns, coreDns } = facts;
  const leadership = leadershipOf(facts);
  const zone = servedZone(facts);
  const remotes = list(facts.remotes).map(remote => remoteOf(remote, leadership, facts));
  const components = componentsOf(facts);
  return {
    cluster: clusterOf(facts),
    components,
    controller: controllerOf(leadership),
    dns: list(dns.replicas).map(dnsOf),
    coreDns: coreDnsOf(coreDns, zone),
    remotes,
    ...optional('exports', exportsOf(leadership)),
    dataPath: dataPathOf(remotes),
    findings: [
      ...identityFindings(facts, leadership),
      ...namespaceFindings(facts),
      ...componentFindings(controller, { component: 'controller', namespace }),
      ...componentFindings(dns, { component: 'dns', namespace }),
      ...versionFindings(components.flatMap(({ replicas }) => replicas)),
      leaderFinding(leadership),
      ...dnsFindings(facts),
      ...coreDnsFindings(coreDns, zone),
      ...unlisted(facts.remotes),
      ...remotes.flatMap(remote => remoteFindings(remote, facts.time)),
      ...exportFindings(leadership),
    ],
  };
}

/** Whether all that was looked at is as it should be, and all of it could be looked at. */
export function isWell({ findings }: Status): boolean {
  return findings.every(({ verdict }) => verdict === 'good' || verdict === 'warning');
}

function clusterOf({ context, server, kubernetes, id, clusterSet, time }: StatusFacts): Status['cluster'] {
  return {
    context,
    server,
    kubernetes,
    ...optional('id', 'value' in id ? id.value : undefined),
    ...optional('clusterSet', 'value' in clusterSet ? clusterSet.value : undefined),
    ...optional('time', time === undefined ? undefined : new Date(time).toISOString()),
  };
}

function componentsOf({ controller, dns }: StatusFacts): Status['components'] {
  return [
    { component: 'controller', ...controller },
    { component: 'dns', ...dns },
  ].map(({ component, wanted, replicas }) => {
    const shown = list<{ page: Known<{ version?: string | undefined }> } & Parameters<typeof replicaOf>[0]>(
      replicas,
    ).map(replica => replicaOf(replica, 'value' in replica.page ? replica.page.value.version : undefined));
    return {
      component,
      ...optional('wanted', 'value' in wanted ? wanted.value : undefined),
      ready: shown.filter(({ ready }) => ready).length,
      replicas: shown,
    };
  });
}

function controllerOf(leadership: Leadership): Status['controller'] {
  switch (leadership.basis) {
    case 'asked':
      return { basis: 'asked', leader: leadership.leader, ...optional('queue', leadership.page.queue) };
    case 'lease':
      return { basis: 'lease', leader: leadership.leader, renewed: leadership.renewed };
    case 'none':
      return { basis: 'none', reason: leadership.reason };
  }
}

function namespaceFindings({ lostNamespaces: lost }: StatusFacts): Finding[] {
  const check = 'namespaces';
  if ('unknown' in lost) {
    const found = `whether they are there could not be seen: ${lost.unknown}`;
    return [{ check, about: 'namespaces', verdict: 'unknown', found }];
  }
  const remedy =
    'where it is wanted, bring it in again with `causeway enable` once nothing of it is being removed';
  return lost.value.map(text => ({ check, about: 'namespaces', verdict: 'bad', found: text, remedy }));
}

function identityFindings({ id }: StatusFacts, leadership: Leadership): Finding[] {
  const common = { check: 'cluster.id', about: 'cluster.clusterset.k8s.io' };
  if ('unknown' in id) {
    return [
      { ...common, verdict: 'unknown', found: `the id of this cluster could not be read: ${id.unknown}` },
    ];
  }
  const worksAs = leadership.basis === 'asked' ? leadership.page.cluster : undefined;
  if (id.value !== undefined && worksAs !== undefined && worksAs !== id.value) {
    const found = `it says ${id.value} now, and the controller works as ${worksAs}, by which the other clusters know this one`;
    const remedy = `put ${worksAs} back: an id holds for as long as the cluster is in the set`;
    return [{ ...common, verdict: 'bad', found, remedy }];
  }
  if (id.value !== undefined) return [{ ...common, verdict: 'good', found: `this cluster is ${id.value}` }];
  const remedy = 'give it one with `causeway enable --cluster-id`';
  return [
    { ...common, verdict: 'bad', found: 'this cluster has no id (there is no such ClusterProperty)', remedy },
  ];
}

function unlisted(remotes: StatusFacts['remotes']): Finding[] {
  if ('value' in remotes) return [];
  const found = `RemoteClusters could not be listed: ${remotes.unknown}`;
  return [{ check: 'remotes', about: 'remoteclusters', verdict: 'unknown', found }];
}

function list<Item>(known: Known<readonly Item[]>): readonly Item[] {
  return 'value' in known ? known.value : [];
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}
