import type { Clock } from '../base/clock.ts';
import { CausewayError } from '../base/errors.ts';
import { exportConditionFindings, isPublished } from '../health/export.ts';
import { ApiError } from '../kube/api-error.ts';
import type { RawObject } from '../kube/client.ts';
import { RESOURCES } from '../kube/resource.ts';
import {
  appliedAnnotations,
  type ExportRequest,
  otherManagers,
  requestedAnnotations,
  serviceExportManifest,
} from '../manifests/service-export.ts';
import { conditionsOf } from '../objects/conditions.ts';
import { OPERATOR_FIELD_MANAGER, PARTLY_IGNORED } from '../objects/names.ts';
import { Problems } from '../objects/problem.ts';
import { detailedServiceReader } from '../objects/service.ts';
import { serviceExportReader } from '../objects/service-export.ts';
import type { Condition } from '../objects/shapes.ts';
import { systemClock } from '../ops/clock.ts';
import type { Export, Unexport } from '../views/export.ts';
import type { Finding } from '../views/finding.ts';
import { applyObject } from './apply.ts';
import type { OperatedCluster } from './cluster.ts';
import { pause } from './steady.ts';

/** Which service. */
export interface Named {
  readonly namespace: string;
  readonly name: string;
}

export interface ExportOptions {
  /** Export what cannot be exported yet, or is not there. */
  readonly force: boolean;
  /** Milliseconds to wait for the controller to publish it. */
  readonly limit: number;
  readonly clock?: Clock;
}

const OURS = 'causeway.dev/';
/** Milliseconds between two looks at what the controller says; a write of its own takes it less. */
const LOOK = 250;

/**
 * Exports a service, and waits for what the controller has to say. What is not asked for stays as it is.
 *
 * @throws CausewayError SERVICE_NOT_EXPORTABLE
 */
export async function exportService(
  cluster: OperatedCluster,
  named: Named,
  request: ExportRequest,
  { force, limit, clock = systemClock }: ExportOptions,
  signal: AbortSignal,
): Promise<{ readonly done: Export; readonly published: boolean }> {
  const { client } = cluster;
  const [service, before, first] = await Promise.all([
    client.get(RESOURCES.services, named, signal),
    client.get(RESOURCES.serviceExports, named, signal),
    signsOf(cluster, named, signal),
  ]);
  if (!force) ensureExportable(service, named, cluster.context);
  const kept = appliedAnnotations(before, OPERATOR_FIELD_MANAGER);
  const manifest = serviceExportManifest(named, { ...kept, ...requestedAnnotations(request) });
  const { change } = await applyObject(client, manifest, false, signal);
  const { found, isAlive } = await whenSpoken(cluster, named, { limit, clock, first }, signal);
  const conditions = conditionsOf(found);
  const findings = exportConditionFindings(`${named.namespace}/${named.name}`, conditions);
  return {
    done: {
      ...named,
      change,
      annotations: ourAnnotations(found),
      findings:
        isAlive || conditions.length === 0 ? findings : unheardFindings(findings, cluster.context, limit),
    },
    published: isAlive && isPublished(conditions),
  };
}

/** What was written at another time, by a controller that may be gone. */
function unheardFindings(findings: readonly Finding[], context: string, limit: number): Finding[] {
  const silence: Finding = {
    check: 'export.controller',
    about: context,
    verdict: 'unknown',
    found: `no sign of the controller within ${limit / 1_000} s; what its conditions say is of before`,
    remedy: `see whether it runs: causeway status --context ${context}`,
  };
  return [
    silence,
    ...findings.map(one => (one.verdict === 'good' ? { ...one, verdict: 'unknown' as const } : one)),
  ];
}

function ensureExportable(raw: RawObject | undefined, { namespace, name }: Named, context: string): void {
  const doing = `could not export ${namespace}/${name} of ${context}`;
  if (raw === undefined) {
    throw new CausewayError(
      'SERVICE_NOT_EXPORTABLE',
      `${doing}: there is no such Service; check name and --namespace, or use --force to export it ahead of its creation`,
    );
  }
  if (detailedServiceReader.read(raw, Problems.ignored())?.type === 'ExternalName') {
    throw new CausewayError(
      'SERVICE_NOT_EXPORTABLE',
      `${doing}: it is of type ExternalName, which has no endpoints that others could reach; export the Service that it stands for`,
    );
  }
}

/**
 * The ServiceExport once its conditions say that it is published, or as it is at the end of the time. Conditions of
 * before say that as well, and stay when the controller is gone: so something that it writes has to change since.
 */
async function whenSpoken(
  cluster: OperatedCluster,
  named: Named,
  { limit, clock, first }: { readonly limit: number; readonly clock: Clock; readonly first: string },
  signal: AbortSignal,
): Promise<{ readonly found: RawObject | undefined; readonly isAlive: boolean }> {
  const began = clock.now();
  for (let isAlive = false; ; ) {
    isAlive ||= (await signsOf(cluster, named, signal)) !== first;
    const found = await cluster.client.get(RESOURCES.serviceExports, named, signal);
    const conditions = conditionsOf(found);
    const isDone = (isPublished(conditions) || isRefused(conditions)) && !complainsOfBefore(found);
    const isOver = clock.now() + LOOK - began > limit;
    if (found === undefined || (isAlive && isDone) || isOver) return { found, isAlive };
    await pause(LOOK, clock, signal);
  }
}

/**
 * What a controller that is alive changes: its Lease every few seconds, and what it writes of this service. A Lease
 * that may not be read counts as none.
 */
async function signsOf({ client }: OperatedCluster, named: Named, signal: AbortSignal): Promise<string> {
  const leases = { fieldSelector: 'metadata.name=causeway-controller' };
  const [held, exported, imported] = await Promise.all([
    client.list(RESOURCES.leases, leases, signal).catch((thrown: unknown) => {
      if (thrown instanceof ApiError && thrown.status === 403) return { items: [] };
      throw thrown;
    }),
    client.get(RESOURCES.serviceExports, named, signal),
    client.get(RESOURCES.serviceImports, named, signal),
  ]);
  const versions = [...held.items, imported].map(one => one?.metadata.resourceVersion);
  return JSON.stringify([versions, conditionsOf(exported)]);
}

/** Nothing that is waited for makes it valid. */
function isRefused(conditions: readonly Condition[]): boolean {
  return conditions.some(({ type, status }) => type === 'Valid' && status === 'False');
}

/** Whether its conditions say that something is ignored, and now there is nothing of the kind. */
function complainsOfBefore(raw: RawObject | undefined): boolean {
  const complains = conditionsOf(raw).some(({ type }) => type === PARTLY_IGNORED);
  return complains && serviceExportReader.read(raw, Problems.ignored())?.ignored === undefined;
}

function ourAnnotations(raw: RawObject | undefined): Record<string, string> {
  const all = Object.entries(raw?.metadata.annotations ?? {});
  return Object.fromEntries(all.filter(([key]) => key.startsWith(OURS)).sort());
}

/** Ends the export of a service, whoever made it. */
export async function unexportService(
  { client }: OperatedCluster,
  named: Named,
  signal: AbortSignal,
): Promise<Unexport> {
  const [before, service] = await Promise.all([
    client.get(RESOURCES.serviceExports, named, signal),
    client.get(RESOURCES.services, named, signal),
  ]);
  const about = `${named.namespace}/${named.name}`;
  const findings = sharedFindings(about, service);
  if (before === undefined) return { ...named, change: 'absent', findings };
  const { uid } = before.metadata;
  await client.remove(RESOURCES.serviceExports, named, { signal, ...(uid === undefined ? {} : { uid }) });
  return { ...named, change: 'deleted', findings: [...keeperFindings(about, before), ...findings] };
}

function keeperFindings(about: string, before: RawObject): Finding[] {
  const others = otherManagers(before, OPERATOR_FIELD_MANAGER);
  if (others.length === 0) return [];
  const found = `the ServiceExport was written by ${others.join(', ')}, too`;
  const remedy =
    'where that is a program that keeps it (as GitOps does), take it out there, or it comes back';
  return [{ check: 'unexport.keeper', about, verdict: 'warning', found, remedy }];
}

/** A service may be given to others without a ServiceExport. */
function sharedFindings(about: string, service: RawObject | undefined): Finding[] {
  const intent = detailedServiceReader.read(service, Problems.ignored())?.detail?.intent;
  if (intent?.global !== true || !intent.shared) return [];
  const found = 'the Service is still shared with other clusters, by its annotation service.cilium.io/global';
  const remedy = `kubectl -n ${about.replace('/', ' annotate service ')} service.cilium.io/shared=false`;
  return [{ check: 'unexport.shared', about, verdict: 'warning', found, remedy }];
}
