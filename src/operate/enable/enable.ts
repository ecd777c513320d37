import { type Component, namespaceOf } from '../../manifests/choices.ts';
import { clusterPropertyManifests } from '../../manifests/cluster-properties.ts';
import { baseManifests, type InstallOptions } from '../../manifests/deploy.ts';
import type { DeployFiles, Manifest } from '../../manifests/manifest.ts';
import type { AppliedObject } from '../../views/applied.ts';
import type { Enable } from '../../views/enable.ts';
import { type Finding, nothingBad } from '../../views/finding.ts';
import { applyObject } from '../apply.ts';
import type { OperatedCluster } from '../cluster.ts';
import { type Operation, stepThatMayFail } from '../step.ts';
import { type CheckOptions, checkCluster } from './check-cluster.ts';
import { lookAtRollout, untilRolledOut } from './rollout.ts';
import { untilServed } from './served.ts';

export interface EnableOptions extends InstallOptions, CheckOptions {
  readonly dryRun: boolean;
  /** Milliseconds to wait until everything is ready; 0: not at all. */
  readonly timeout: number;
}

/**
 * Brings Causeway into a cluster, or brings it up to date. Every part may be done again, so it can be ended anywhere
 * and run again. Where a check says no, which is in the findings, nothing is written.
 */
export async function enableCluster(
  cluster: OperatedCluster,
  files: DeployFiles,
  options: EnableOptions,
  operation: Operation,
): Promise<Enable> {
  const { clusterId, dryRun, timeout } = options;
  const { context, client } = cluster;
  const base = baseManifests(files, options);
  const { findings, definitions, properties, connected } = await operation.step('Check the cluster', () =>
    checkCluster(cluster, files, base, options, operation.signal),
  );
  const result = { context, clusterId, dryRun, findings: [...findings] };
  if (!nothingBad(findings)) return { ...result, objects: [] };
  const apply = (part: keyof typeof TITLES, manifests: readonly Manifest[]) =>
    applyAll(cluster, TITLES[part][dryRun ? 'dry' : 'real'], manifests, dryRun, operation);
  const objects = await apply('definitions', definitions);
  if (!dryRun)
    await operation.step('Wait until they are served', () => untilServed(client, operation.signal));
  objects.push(...(await apply('properties', clusterPropertyManifests(properties))));
  objects.push(...(await apply('base', base)));
  if (dryRun) return { ...result, objects };
  const components = timeout === 0 ? [] : options.components;
  const rollouts = components.map(component => rollout(cluster, component, options, operation));
  result.findings.push(...(await Promise.all(rollouts)));
  const next = connected ? 'status' : 'connect';
  return { ...result, objects, ...(nothingBad(result.findings) ? { next: NEXT[next](context) } : {}) };
}

const TITLES = {
  definitions: { real: 'Apply definitions', dry: 'Compare definitions' },
  properties: { real: 'Say who the cluster is', dry: 'Compare who the cluster is' },
  base: { real: 'Apply permissions and workloads', dry: 'Compare permissions and workloads' },
} as const;

const NEXT = {
  connect: (context: string) => `causeway connect --context ${context} --destination-context <another>`,
  status: (context: string) => `causeway status --context ${context}`,
} as const;

function applyAll(
  { client }: OperatedCluster,
  title: string,
  manifests: readonly Manifest[],
  dryRun: boolean,
  { step, signal }: Operation,
): Promise<AppliedObject[]> {
  return step(title, async detail => {
    const applied: AppliedObject[] = [];
    for (const manifest of manifests) {
      detail(`${applied.length} of ${manifests.length}`);
      applied.push(await applyObject(client, manifest, dryRun, signal));
    }
    return applied;
  });
}

async function rollout(
  { client }: OperatedCluster,
  component: Component,
  { namespace, timeout }: EnableOptions,
  { step, signal }: Operation,
): Promise<Finding> {
  const about = `causeway-${component}`;
  const look = () => lookAtRollout(client, component, namespace, signal);
  const { done, says } = await stepThatMayFail(
    step,
    `Wait for ${about}`,
    detail => untilRolledOut(look, timeout, detail, signal),
    seen => (seen.done ? undefined : seen.says),
  );
  const check = `component.${component}`;
  if (done) return { check, about, verdict: 'good', found: says };
  const found = `is not ready after ${timeout / 1_000} s: ${says}`;
  const remedy = `see kubectl -n ${namespaceOf(component, namespace)} describe pods -l app.kubernetes.io/component=${component}; run this again when it is mended`;
  return { check, about, verdict: 'bad', found, remedy };
}
