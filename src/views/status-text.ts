import { several } from '../base/several.ts';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { findingLines, markOf, type Verdict } from './finding.ts';
import type { Status, StatusCondition, StatusRemote } from './status.ts';
import { waysText } from './ways.ts';

/** The status for people: what there is, then what is wrong with it. */
export function statusText(status: Status, style: Style): string {
  const { remotes, dataPath, exports } = status;
  const parts = [
    heading(status, style),
    podTable(status, style),
    remotes.length === 0 ? noRemotes(status) : remoteTable(remotes, style),
    [
      `Exports: ${exportCounts(exports)}\n`,
      `Data path: ${dataPath.state} (${dataPath.reason})\n`,
      ...remotes.map(routesLine),
    ].join(''),
    verdictLines(status, style),
  ];
  return parts.join('\n');
}

function exportCounts(exports: Status['exports']): string {
  if (exports === undefined) return 'unknown';
  const { conflicts, invalid, unready, partlyIgnored } = exports;
  const later = [
    ...(unready === undefined ? [] : [`${unready} not ready`]),
    ...(partlyIgnored === undefined ? [] : [`${partlyIgnored} partly ignored`]),
  ];
  return [`${conflicts} conflicts`, `${invalid} invalid`, ...later].join(', ');
}

function isUnknown({ findings }: Status, named: string): boolean {
  return findings.some(({ check, verdict }) => check === named && verdict === 'unknown');
}

function noRemotes(status: Status): string {
  return isUnknown(status, 'remotes')
    ? 'RemoteClusters: unknown\n'
    : 'No RemoteClusters: this cluster imports from no other. Connect one with `causeway connect`.\n';
}

/** What is not good, and a line on all of it. */
export function verdictLines({ findings }: Status, style: Style): string {
  const others = findings.filter(({ verdict }) => verdict !== 'good');
  return `${findingLines(others, style)}${summaryLine(findings, style)}`;
}

/** How many checks there are, and what came of them: `✓ 20 checks: 20 good`. */
export function summaryLine(findings: Status['findings'], style: Style): string {
  const count = (verdict: Verdict) => findings.filter(one => one.verdict === verdict).length;
  const good = count('good');
  const rest = (['bad', 'unknown', 'warning'] as const).filter(verdict => count(verdict) > 0);
  const worst = rest[0] ?? 'good';
  const counts = rest.map(verdict => `, ${count(verdict)} ${verdict}`).join('');
  return `${markOf(worst, style)} ${findings.length} checks: ${good} good${counts}\n`;
}

function heading(status: Status, { strong }: Style): string {
  const { cluster, controller } = status;
  const { context, server, kubernetes, id, clusterSet } = cluster;
  const set = clusterSet === undefined ? '' : ` of cluster set ${clusterSet}`;
  const called = id ?? (isUnknown(status, 'cluster.id') ? 'of unknown id' : 'without id');
  const leader = controller.basis === 'none' ? 'unknown' : controller.leader;
  const queue = controller.basis === 'asked' ? controller.queue : undefined;
  const work =
    queue === undefined
      ? ''
      : `, ${queue.ready + queue.running} services to write, ${queue.failing} of them failing`;
  return [
    `Cluster ${strong(called)}${set} (context ${context}, ${server}, Kubernetes ${kubernetes})\n`,
    `Leading controller: ${leader}${work}\n`,
  ].join('');
}

function podTable({ components, dns, coreDns }: Status, style: Style): string {
  const rows = components.flatMap(({ component, replicas }) =>
    replicas.map(({ pod, node, ready, unknown, since, restarts, version }) => [
      component,
      pod,
      markOf(ready ? 'good' : unknown === undefined ? 'bad' : 'unknown', style),
      since ?? '-',
      `${restarts}`,
      node ?? '-',
      version ?? '-',
      component === 'dns' ? served(dns.find(one => one.pod === pod)) : '',
    ]),
  );
  const forwarding = coreDns.replicas.map(({ pod, stanza }) => [
    'coredns',
    pod,
    markOf(STANZA[stanza], style),
    ...['-', '-', '-', '-'],
    stanza === 'present' ? `forwards ${coreDns.zone}` : `stanza ${stanza}`,
  ]);
  const head = ['COMPONENT', 'POD', 'OK', 'SINCE', 'RESTARTS', 'NODE', 'VERSION', 'STATE'];
  return table(head, [...rows, ...forwarding]);
}

const STANZA: Readonly<Record<Status['coreDns']['replicas'][number]['stanza'], Verdict>> = {
  present: 'good',
  absent: 'bad',
  unknown: 'unknown',
};

function served(dns: Status['dns'][number] | undefined): string {
  if (dns === undefined || dns.unknown !== undefined) return 'unknown';
  const state =
    dns.synced !== true ? 'not synced' : dns.stale === true ? `stale since ${dns.since}` : 'synced';
  return `${state}, serial ${dns.serial}, ${dns.services} services`;
}

function remoteTable(remotes: readonly StatusRemote[], style: Style): string {
  const rows = remotes.map(one => [
    one.name,
    one.clusterId ?? '-',
    shown(one.controlPlane, style),
    shown(one.synced, style),
    shown(one.serving, style),
    one.serving.since ?? '-',
    one.dataPath === undefined ? '-' : shown(one.dataPath, style),
    `${one.services}`,
    `${one.endpoints ?? '-'}`,
    `${one.nodes ?? '-'}`,
    lagOf(one.lag),
    one.credentialEnds ?? '-',
  ]);
  const head = [
    ...['REMOTE', 'CLUSTER', 'CONTROL PLANE', 'SYNCED', 'SERVING', 'SINCE', 'DATA PATH'],
    ...['SERVICES', 'ENDPOINTS', 'NODES', 'LAG', 'CREDENTIAL ENDS'],
  ];
  return table(head, rows);
}

/** Of nodes of this cluster to nodes there: each pair counts. */
function routesLine({ name, routes }: StatusRemote): string {
  if (routes === undefined) return '';
  const from = `from ${several(routes.nodes, 'node')}`;
  return `Routes to ${name}: ${waysText(routes) || 'none'}, ${from}\n`;
}

function shown({ verdict, reason }: StatusCondition, style: Style): string {
  return `${markOf(verdict, style)} ${reason}`;
}

function lagOf(lag: StatusRemote['lag']): string {
  if (lag === undefined || (lag.last === undefined && lag.waiting === 0)) return '-';
  const last = lag.last === undefined ? '-' : `${Math.round(lag.last)} ms`;
  return lag.waiting === 0 ? last : `${last}, ${lag.waiting} waiting`;
}
