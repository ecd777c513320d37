import { stringify } from 'yaml';
import { COMPONENTS, type Component, type PodFamilies } from './choices.ts';
import {
  clusterProperties,
  clusterPropertyManifests,
  type Identity,
  type Networks,
} from './cluster-properties.ts';
import { kustomized } from './kustomize.ts';
import type { DeployFiles, Manifest } from './manifest.ts';
import { inOrder } from './order.ts';
import { inNamespace, SYSTEM_NAMESPACE } from './system-namespace.ts';
import { withContainers, withImage } from './workload.ts';

/** Stands in `deploy/remote-reader` for the name of the other cluster's RemoteCluster. */
const PLACEHOLDER = 'REMOTE';

export interface InstallOptions {
  readonly namespace: string;
  readonly components: readonly Component[];
  readonly podFamilies: PodFamilies;
  /** Undefined: the one that `deploy/` names. */
  readonly image: string | undefined;
  /** `--backends` of the DNS daemon; undefined: its own default. */
  readonly answer: string | undefined;
}

/** The definitions of all kinds. */
export function definitionManifests(files: DeployFiles): Manifest[] {
  return kustomized(files, 'crds');
}

/** What Causeway consists of in one cluster, in the order of application. */
export function baseManifests(files: DeployFiles, options: InstallOptions): Manifest[] {
  const { namespace, components, podFamilies } = options;
  const extra = podFamilies === 'ipv4' ? [] : [`components/${podFamilies}`];
  // A folder of its own: who applies deploy/base by hand shall not get it unasked.
  const agent = components.includes('agent') ? kustomized(files, 'agent', extra) : [];
  const chosen = [...kustomized(files, 'base', extra), ...agent].filter(manifest => {
    const component = componentOf(manifest);
    return component === undefined || components.includes(component);
  });
  return inOrder(chosen.map(manifest => inNamespace(configured(manifest, options), namespace)));
}

/** Everything that one cluster needs: definitions first, then what uses them. */
export function everyManifest(files: DeployFiles, options: InstallOptions & Identity & Networks): Manifest[] {
  const properties = clusterPropertyManifests(clusterProperties(options, options));
  return [...definitionManifests(files), ...baseManifests(files, options), ...properties];
}

/** As a stream of documents that kubectl takes. */
export function yamlOf(manifests: readonly Manifest[]): string {
  // To kubectl, which reads YAML 1.1, a bare Off is no text.
  const options = { aliasDuplicateObjects: false, compat: 'yaml-1.1' } as const;
  return manifests.map(manifest => `---\n${stringify(manifest, options)}`).join('');
}

/**
 * What another cluster gets in this one: its own namespace, and a credential that reads what is published for it.
 *
 * @param remote name of the RemoteCluster that stands for the other cluster in this one
 * @param namespace that Causeway runs in, here
 */
export function remoteReaderManifests(files: DeployFiles, remote: string, namespace: string): Manifest[] {
  const named = new Map(
    [...files].map(([path, text]): [string, string] => [
      path,
      path.startsWith('remote-reader/') ? text.replaceAll(PLACEHOLDER, remote) : text,
    ]),
  );
  return inOrder(kustomized(named, 'remote-reader').map(manifest => inNamespace(manifest, namespace)));
}

/** Whose it is: names say so, but for what lets the controller publish. Undefined: everybody's. */
function componentOf({ metadata: { name } }: Manifest): Component | undefined {
  if (name === 'causeway-publisher') return 'controller';
  return COMPONENTS.find(component => name === `causeway-${component}`);
}

function configured(manifest: Manifest, { namespace, image, answer }: InstallOptions): Manifest {
  const flags: Readonly<Record<Component, readonly string[]>> = {
    dns: answer === undefined ? [] : [`--backends=${answer}`],
    controller: namespace === SYSTEM_NAMESPACE ? [] : [`--namespace=${namespace}`],
    agent: [],
  };
  const component = componentOf(manifest);
  const told = withContainers(manifest, ({ args = [], ...container }) => ({
    ...container,
    args: [...args, ...(component === undefined ? [] : flags[component])],
  }));
  return image === undefined ? told : withImage(told, 'causeway', image);
}
