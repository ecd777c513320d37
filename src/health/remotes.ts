import { several } from '../base/several.ts';
import type { Condition, RemoteClusterObject } from '../objects/shapes.ts';
import { isOverdue } from '../objects/token.ts';
import type { Finding, Verdict } from '../views/finding.ts';
import type { Status, StatusCondition, StatusRemote } from '../views/status.ts';
import type { StatusFacts } from './facts.ts';
import { type Leadership, leaderFinding } from './leadership.ts';
import type { ControllerPage } from './pages.ts';

/** The conditions that a RemoteCluster always has, in the order in which they are told. */
export const REMOTE_CONDITIONS = ['ControlPlaneReachable', 'Synced', 'Serving'] as const;
type ConditionType = (typeof REMOTE_CONDITIONS)[number] | 'NodesSynced' | 'DataPathReachable';

/** What a condition says, and since when; `since` is absent where it has changed too recently to be written. */
type Said = Omit<Condition, 'lastTransitionTime'> & { readonly since?: string };

/** How it stands with a remote cluster, as the leading controller says. */
export function remoteOf(
  remote: RemoteClusterObject,
  leadership: Leadership,
  facts: StatusFacts,
): StatusRemote {
  const { name, status } = remote;
  const told = toldOf(name, leadership);
  const nodes =
    'value' in facts.remoteNodes ? (facts.remoteNodes.value.get(status.clusterId ?? '') ?? 0) : undefined;
  return {
    name,
    ...(status.clusterId === undefined ? {} : { clusterId: status.clusterId }),
    controlPlane: conditionOf(remote, 'ControlPlaneReachable', leadership),
    synced: conditionOf(remote, 'Synced', leadership),
    serving: conditionOf(remote, 'Serving', leadership),
    routing: remote.overlayRoutingMode,
    encryption: remote.encryption,
    ...routesOf(remote, leadership),
    services: told?.services ?? status.services ?? 0,
    ...(told?.endpoints === undefined ? {} : { endpoints: told.endpoints }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(told?.routes === undefined ? {} : { routes: told.routes }),
    ...(told?.lag === undefined ? {} : { lag: told.lag }),
    ...(told?.credentialBegins === undefined ? {} : { credentialBegins: told.credentialBegins }),
    ...(told?.credentialEnds === undefined ? {} : { credentialEnds: told.credentialEnds }),
  };
}

export function remoteFindings(remote: StatusRemote, time: number | undefined): Finding[] {
  const { name, controlPlane, synced, serving } = remote;
  return [
    conditionFinding(name, 'ControlPlaneReachable', controlPlane),
    conditionFinding(name, 'Synced', synced),
    conditionFinding(name, 'Serving', serving),
    ...routeFindings(remote),
    ...reachFindings(remote),
    ...sessionFindings(remote),
    ...credentialFindings(remote, time),
    ...lagFindings(remote),
  ];
}

/** What only a cluster has that is routed to; an older controller says nothing of it. */
function routesOf(
  remote: RemoteClusterObject,
  leadership: Leadership,
): Pick<StatusRemote, 'nodesSynced' | 'dataPath'> {
  if (remote.overlayRoutingMode === 'Disabled') return {};
  const nodesSynced = conditionOf(remote, 'NodesSynced', leadership);
  const dataPath = conditionOf(remote, 'DataPathReachable', leadership);
  return {
    ...(nodesSynced.reason === NOT_TOLD ? {} : { nodesSynced }),
    ...(dataPath.reason === NOT_TOLD ? {} : { dataPath }),
  };
}

/** Where no node says anything there may be no routing agents: `status` shows it as unknown, and it is no fault. */
function routeFindings({ name, nodesSynced, dataPath }: StatusRemote): Finding[] {
  return [
    ...(nodesSynced === undefined ? [] : [conditionFinding(name, 'NodesSynced', nodesSynced)]),
    ...(dataPath === undefined || dataPath.reason === NOT_REPORTED
      ? []
      : [conditionFinding(name, 'DataPathReachable', dataPath)]),
  ];
}

function reachFindings({ name, routes }: StatusRemote): Finding[] {
  if (routes === undefined) return [];
  const { nodes, short, example } = routes;
  const common = { check: 'remote.routes', about: name };
  if (example === undefined)
    return [
      { ...common, verdict: 'good', found: `routes to all of its nodes, from ${several(nodes, 'node')}` },
    ];
  const found = `no routes to all of its nodes from ${short} of ${several(nodes, 'node')}; ${example.node}: ${example.why}`;
  return [{ ...common, verdict: 'warning', found, remedy: 'see `causeway get nodes`' }];
}

/** A cluster that is not reached by BGP has no sessions to look at. Agents need not name one that is lost. */
function sessionFindings({ name, routes }: StatusRemote): Finding[] {
  const { sessions } = routes ?? {};
  if (sessions === undefined) return [];
  const { established, others, example } = sessions;
  const common = { check: 'remote.sessions', about: name };
  const all = several(established + others, 'BGP session');
  if (others === 0) return [{ ...common, verdict: 'good', found: `${all} for its nodes, all established` }];
  const found = `${others} of ${all} for its nodes not established`;
  if (example === undefined) {
    const remedy =
      "see /debug/bgp of the agents, and whether TCP gets from this cluster's nodes to the neighbors";
    return [{ ...common, verdict: 'warning', found, remedy }];
  }
  const { node, neighbor, state } = example;
  const remedy = 'see /debug/bgp of the agent on that node, and whether TCP gets from there to the neighbor';
  return [{ ...common, verdict: 'warning', found: `${found}; ${node} with ${neighbor}: ${state}`, remedy }];
}

const NOT_TOLD = 'NotTold';
const NOT_REPORTED = 'NotReported';

/** Whether packets get to the pods of the clusters that are routed to. Good only where nodes have said so. */
export function dataPathOf(remotes: readonly StatusRemote[]): Status['dataPath'] {
  const routed = remotes.filter(({ routing }) => routing === 'Enabled');
  if (routed.length === 0) return { state: 'unknown', reason: 'no cluster is routed to' };
  const named = (verdict: Verdict) =>
    routed
      .filter(({ dataPath }) => (dataPath?.verdict ?? 'unknown') === verdict)
      .map(({ name }) => name)
      .join(', ');
  if (named('bad') !== '')
    return { state: 'bad', reason: `packets do not get everywhere in ${named('bad')}` };
  const unknown = named('unknown');
  if (unknown !== '') return { state: 'unknown', reason: `no node says whether packets get to ${unknown}` };
  return { state: 'good', reason: `packets get to ${named('good')}` };
}

function toldOf(name: string, leadership: Leadership): ControllerPage['remotes'][number] | undefined {
  return leadership.basis === 'asked' ? leadership.page.remotes.find(told => told.name === name) : undefined;
}

function conditionOf(
  remote: RemoteClusterObject,
  type: ConditionType,
  leadership: Leadership,
): StatusCondition {
  const said = saidOf(remote, type, leadership);
  if (said === undefined) {
    return {
      status: 'Unknown',
      verdict: 'unknown',
      reason: NOT_TOLD,
      message: 'The controller has said nothing of it.',
    };
  }
  const { status, reason, since } = said;
  return { reason, ...(since === undefined ? {} : { since }), status, ...judged(said, leadership) };
}

/** What a condition is worth: where nobody leads, nobody says that it is still as it was written. */
export function judged(
  { status, message }: Pick<Condition, 'status' | 'message'>,
  leadership: Leadership,
): Pick<StatusCondition, 'verdict' | 'message'> {
  if (leadership.basis !== 'none') return { verdict: verdictOf(status), message };
  const was = `It was ${status} when a controller last wrote it; ${leadership.reason}.`;
  return { verdict: 'unknown', message: was };
}

/** What a condition is worth of which True is how it should be. */
function verdictOf(status: Condition['status']): Verdict {
  return status === 'True' ? 'good' : status === 'False' ? 'bad' : 'unknown';
}

function saidOf(remote: RemoteClusterObject, type: ConditionType, leadership: Leadership): Said | undefined {
  const written = remote.status.conditions.find(held => held.type === type);
  const told = toldOf(remote.name, leadership)?.conditions.find(held => held.type === type);
  if (leadership.basis !== 'asked') return written && { ...written, since: written.lastTransitionTime };
  // Just now beats what was written; since when it has been so, only the written one knows.
  if (told === undefined) return undefined;
  return told.status === written?.status ? { ...told, since: written.lastTransitionTime } : told;
}

/** What a controller has written of remote clusters that is not as it should be, and that nobody vouches for it. */
export function writtenFindings(remotes: readonly RemoteClusterObject[], leadership: Leadership): Finding[] {
  const isDoubted = leadership.basis === 'none';
  const found = remotes.flatMap(({ name, status }) =>
    status.conditions
      .filter(({ status: holds, reason }) => holds !== 'True' && reason !== NOT_REPORTED)
      .map(({ lastTransitionTime: since, ...condition }) => {
        const verdict = isDoubted ? 'unknown' : verdictOf(condition.status);
        return conditionFinding(name, condition.type, { ...condition, since, verdict });
      }),
  );
  return isDoubted ? [leaderFinding(leadership), ...found] : found;
}

function conditionFinding(about: string, type: string, condition: StatusCondition): Finding {
  const { status, verdict, reason, since, message } = condition;
  const dated = since === undefined ? '' : ` since ${since}`;
  const found =
    verdict === 'good' ? `${type}${dated}` : `${type} is ${status} (${reason})${dated}: ${message}`;
  return { check: `remote.${type.toLowerCase()}`, about, verdict, found };
}

/** Milliseconds that a credential counts to be for where an older controller does not say when it began. */
const ASSUMED_LIFE = 6 * 24 * 3_600_000;
const CONNECT_AGAIN =
  'run `causeway connect` again, or put a new kubeconfig into the Secret of the RemoteCluster';

function credentialFindings(remote: StatusRemote, time: number | undefined): Finding[] {
  const { name, credentialBegins, credentialEnds } = remote;
  if (credentialEnds === undefined || time === undefined) return [];
  const to = Date.parse(credentialEnds);
  const from = credentialBegins === undefined ? to - ASSUMED_LIFE : Date.parse(credentialBegins);
  const common = { check: 'remote.credential', about: name };
  if (to <= time) {
    const found = `the credential ended at ${credentialEnds}`;
    return [{ ...common, verdict: 'bad', found, remedy: CONNECT_AGAIN }];
  }
  const found = `the credential ends at ${credentialEnds}`;
  if (!isOverdue({ from, to }, time)) return [{ ...common, verdict: 'good', found }];
  const remedy = `if the controller does not renew it (see its log): ${CONNECT_AGAIN}`;
  return [{ ...common, verdict: 'warning', found: `${found}, and should have been renewed`, remedy }];
}

/** Milliseconds: what took longer than this is no matter of a moment. */
const LATE = 10_000;

function lagFindings({ name, lag }: StatusRemote): Finding[] {
  if (lag?.longest === undefined || lag.longest < LATE) return [];
  const found = `what was heard of it more than ${LATE / 1_000} s ago is not written yet`;
  const remedy = "see the controller's log for what could not be written";
  return [{ check: 'remote.lag', about: name, verdict: 'warning', found, remedy }];
}
