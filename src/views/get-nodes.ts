import * as v from 'valibot';
import { several } from '../base/several.ts';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { markOf, type Verdict } from './finding.ts';
import { waysText } from './ways.ts';

const Routes = v.strictObject({
  /** How many nodes are reached by which way. */
  modes: v.record(v.string(), v.number()),
  /** Those that encrypt, whether used or not. */
  tunnels: v.exactOptional(v.strictObject({ answering: v.number(), silent: v.number() })),
  /** From which its blocks are learnt by BGP; of those that are not established the first. */
  sessions: v.exactOptional(
    v.strictObject({
      established: v.number(),
      others: v.number(),
      named: v.array(v.strictObject({ neighbor: v.string(), state: v.string() })),
    }),
  ),
  /** Nodes that are not reached, the first of them by name. */
  unreached: v.exactOptional(v.strictObject({ nodes: v.number(), named: v.array(v.string()) })),
  /** Nodes of which some pods are not reached. */
  partly: v.exactOptional(v.number()),
  /** Why the first of these is not. */
  why: v.exactOptional(v.string()),
});

/** What `causeway get nodes` prints. */
export const GetNodes = v.strictObject({
  nodes: v.array(
    v.strictObject({
      /** One of another cluster begins with it: `west/node-1`. */
      name: v.string(),
      /** Absent: this one. */
      cluster: v.optional(v.string()),
      /** As its own cluster sees it. Absent: nobody says. */
      ready: v.optional(v.boolean()),
      addresses: v.array(v.string()),
      podCIDRs: v.array(v.string()),
      zone: v.optional(v.string()),
      /** Octets of the largest packet that its network takes, as its routing agent says. */
      mtu: v.optional(v.number()),
      /** Whether it has a WireGuard key. */
      key: v.boolean(),
      /** Of one of another cluster: whether routes may lead to it; `reason` as in its condition Accepted. */
      accepted: v.optional(
        v.strictObject({
          status: v.picklist(['True', 'False', 'Unknown']),
          reason: v.string(),
          message: v.string(),
        }),
      ),
      /** Of one of this cluster: whether packets get through, by the ids of other clusters. Absent: it says nothing. */
      dataPath: v.optional(v.record(v.string(), v.picklist(['up', 'down']))),
      /** Of one of this cluster: how it reaches the nodes of others, by their ids, as its routing agent last said. */
      routes: v.optional(v.record(v.string(), Routes)),
      /** Of one of another cluster: how the nodes of this one reach it. Absent: none says. */
      reached: v.optional(
        v.strictObject({
          /** Several modes: by one of them. */
          by: v.array(v.strictObject({ modes: v.array(v.string()), nodes: v.number() })),
          /** Nodes that do not. */
          notFrom: v.array(v.string()),
        }),
      ),
    }),
  ),
});

export type GetNodes = v.InferOutput<typeof GetNodes>;

export function getNodesTable({ nodes }: GetNodes, style: Style): string {
  if (nodes.length === 0) return 'No nodes.\n';
  const rows = nodes.map(one => [
    one.name,
    markOf(one.ready === undefined ? 'unknown' : one.ready ? 'good' : 'bad', style),
    one.addresses.join(',') || '-',
    one.podCIDRs.join(',') || '-',
    one.zone ?? '-',
    one.accepted === undefined
      ? '-'
      : `${markOf(VERDICTS[one.accepted.status], style)} ${one.accepted.reason}`,
    `${one.mtu ?? '-'}`,
    one.key ? 'yes' : '-',
    pathsOf(one.dataPath),
    routesOf(one),
  ]);
  const head = [
    'NODE',
    'READY',
    'ADDRESSES',
    'POD CIDRS',
    'ZONE',
    'ACCEPTED',
    'MTU',
    'KEY',
    'DATA PATH',
    'ROUTES',
  ];
  const notes = [
    ...nodes.flatMap(({ name, accepted }) =>
      accepted?.status === 'False' ? `${markOf('bad', style)} ${name}: ${accepted.message}\n` : [],
    ),
    ...nodes.flatMap(({ name, routes = {} }) =>
      Object.entries(routes).flatMap(([cluster, said]) =>
        troublesOf(said).map(what => `${markOf('warning', style)} ${name} to ${cluster}: ${what}\n`),
      ),
    ),
  ];
  return `${table(head, rows)}${notes.length > 0 ? '\n' : ''}${notes.join('')}`;
}

const VERDICTS: Readonly<Record<'True' | 'False' | 'Unknown', Verdict>> = {
  True: 'good',
  False: 'bad',
  Unknown: 'unknown',
};

function pathsOf(dataPath: GetNodes['nodes'][number]['dataPath']): string {
  const paths = Object.entries(dataPath ?? {}).map(([cluster, path]) => `${cluster} ${path}`);
  return paths.sort().join(', ') || '-';
}

/** Nodes that are named. */
const MOST_NAMED = 3;

function routesOf({ routes = {}, reached }: GetNodes['nodes'][number]): string {
  const own = Object.entries(routes).map(([cluster, said]) => `${cluster} ${saidOf(said)}`);
  const from = reached === undefined ? [] : [reachedText(reached)];
  return [...own.sort(), ...from].join('; ') || '-';
}

function troublesOf({ why, sessions }: v.InferOutput<typeof Routes>): string[] {
  return [
    ...(why === undefined ? [] : [why]),
    ...(sessions === undefined || sessions.others === 0 ? [] : [sessionsText(sessions)]),
  ];
}

function sessionsText({ named, others }: NonNullable<v.InferOutput<typeof Routes>['sessions']>): string {
  if (named.length === 0) return `${several(others, 'BGP session')} not established`;
  const more = others > named.length ? ` and ${others - named.length} more` : '';
  const neighbors = named.map(({ neighbor, state }) => `${neighbor} (${state})`).join(', ');
  return `no BGP session with ${neighbors}${more}`;
}

function saidOf({ modes, tunnels, sessions, unreached, partly }: v.InferOutput<typeof Routes>): string {
  const parts = [
    waysText({
      modes,
      ...(tunnels === undefined ? {} : { tunnels }),
      ...(sessions === undefined ? {} : { sessions }),
    }),
    unreached === undefined ? '' : `${unreached.nodes} not reached`,
    partly === undefined ? '' : `${partly} in part`,
  ];
  return parts.filter(part => part !== '').join(', ') || 'no nodes';
}

function reachedText({ by, notFrom }: NonNullable<GetNodes['nodes'][number]['reached']>): string {
  const ways = by.map(({ modes, nodes }) => `${modes.join(' or ')} from ${nodes}`);
  const more = notFrom.length > MOST_NAMED ? ` and ${notFrom.length - MOST_NAMED} more` : '';
  const not = notFrom.length === 0 ? [] : [`not from ${notFrom.slice(0, MOST_NAMED).join(', ')}${more}`];
  return [...ways, ...not].join(', ');
}
