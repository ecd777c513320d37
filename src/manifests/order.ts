import type { Manifest } from './manifest.ts';

/** What has to be there before the next can be used. What is not named here is of a kind that was just defined. */
const ORDER: readonly string[] = [
  'CustomResourceDefinition',
  'Namespace',
  'ServiceAccount',
  // What it forbids is forbidden before it is allowed.
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ClusterRole',
  'Role',
  'ClusterRoleBinding',
  'RoleBinding',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'ConfigMap',
  'Secret',
  'Service',
  'Deployment',
  'DaemonSet',
];

/** In the order of application; what is of one kind stays as it stood. */
export function inOrder(manifests: readonly Manifest[]): Manifest[] {
  return manifests.toSorted((one, other) => rank(one) - rank(other));
}

function rank({ kind }: Manifest): number {
  const found = ORDER.indexOf(kind);
  return found === -1 ? ORDER.length : found;
}
