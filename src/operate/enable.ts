import { clusterPropertyManifests, type Identity } from '../manifests/cluster-properties.ts';
import { baseManifests, definitionManifests, type InstallOptions } from '../manifests/deploy.ts';
import type { Manifest } from '../manifests/manifest.ts';
import type { AppliedObject } from '../views/applied.ts';
import type { Enable } from '../views/enable.ts';
import { applyObject } from './apply.ts';
import type { OperatedCluster } from './cluster.ts';
import { deployFiles } from './deploy-files.ts';
import type { Step } from './step.ts';

export interface EnableOptions extends InstallOptions, Identity {
  readonly dryRun: boolean;
}

/** Brings Causeway into a cluster, or brings it up to date. */
export async function enableCluster(
  { context, client }: OperatedCluster,
  options: EnableOptions,
  step: Step,
  signal: AbortSignal,
): Promise<Enable> {
  const { clusterId, dryRun } = options;
  const files = await deployFiles();
  const apply = (title: string, manifests: readonly Manifest[]) =>
    step(title, async detail => {
      const applied: AppliedObject[] = [];
      for (const manifest of manifests) {
        detail(`${applied.length} of ${manifests.length}`);
        applied.push(await applyObject(client, manifest, dryRun, signal));
      }
      return applied;
    });
  const objects = [
    ...(await apply('Apply definitions', definitionManifests(files))),
    ...(await apply('Say who the cluster is', clusterPropertyManifests(options))),
    ...(await apply('Apply permissions and workloads', baseManifests(files, options))),
  ];
  return { context, clusterId, dryRun, objects };
}
