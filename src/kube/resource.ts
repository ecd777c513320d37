import { API_VERSIONS } from '../objects/api-versions.ts';

/** One kind of object as an API server addresses it. */
export interface Resource {
  /** Empty for core. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function resource(apiVersion: string, plural: string, kind: string, namespaced = true): Resource {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version, plural, kind, namespaced };
}

const RBAC = 'rbac.authorization.k8s.io';
const ADMISSION = 'admissionregistration.k8s.io';

/** Every resource that Causeway reads or writes. */
export const RESOURCES = {
  services: resource(API_VERSIONS.Service, 'services', 'Service'),
  namespaces: resource(API_VERSIONS.Namespace, 'namespaces', 'Namespace', false),
  secrets: resource('v1', 'secrets', 'Secret'),
  nodes: resource('v1', 'nodes', 'Node', false),
  events: resource('events.k8s.io/v1', 'events', 'Event'),
  endpointSlices: resource(API_VERSIONS.EndpointSlice, 'endpointslices', 'EndpointSlice'),
  leases: resource('coordination.k8s.io/v1', 'leases', 'Lease'),
  serviceExports: resource(API_VERSIONS.ServiceExport, 'serviceexports', 'ServiceExport'),
  serviceImports: resource(API_VERSIONS.ServiceImport, 'serviceimports', 'ServiceImport'),
  clusterProperties: resource(API_VERSIONS.ClusterProperty, 'clusterproperties', 'ClusterProperty', false),
  exportedServices: resource(API_VERSIONS.ExportedService, 'exportedservices', 'ExportedService'),
  remoteClusters: resource(API_VERSIONS.RemoteCluster, 'remoteclusters', 'RemoteCluster', false),
  configMaps: resource('v1', 'configmaps', 'ConfigMap'),
  pods: resource(API_VERSIONS.Pod, 'pods', 'Pod'),
  serviceAccounts: resource('v1', 'serviceaccounts', 'ServiceAccount'),
  deployments: resource('apps/v1', 'deployments', 'Deployment'),
  daemonSets: resource('apps/v1', 'daemonsets', 'DaemonSet'),
  podDisruptionBudgets: resource('policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  networkPolicies: resource('networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy'),
  roles: resource(`${RBAC}/v1`, 'roles', 'Role'),
  roleBindings: resource(`${RBAC}/v1`, 'rolebindings', 'RoleBinding'),
  clusterRoles: resource(`${RBAC}/v1`, 'clusterroles', 'ClusterRole', false),
  clusterRoleBindings: resource(`${RBAC}/v1`, 'clusterrolebindings', 'ClusterRoleBinding', false),
  customResourceDefinitions: resource(
    'apiextensions.k8s.io/v1',
    'customresourcedefinitions',
    'CustomResourceDefinition',
    false,
  ),
  validatingAdmissionPolicies: resource(
    `${ADMISSION}/v1`,
    'validatingadmissionpolicies',
    'ValidatingAdmissionPolicy',
    false,
  ),
  validatingAdmissionPolicyBindings: resource(
    `${ADMISSION}/v1`,
    'validatingadmissionpolicybindings',
    'ValidatingAdmissionPolicyBinding',
    false,
  ),
  serviceCidrs: resource('networking.k8s.io/v1', 'servicecidrs', 'ServiceCIDR', false),
  remoteNodes: resource('causeway.dev/v1alpha1', 'remotenodes', 'RemoteNode', false),
} as const satisfies Record<string, Resource>;

export type Kind = (typeof RESOURCES)[keyof typeof RESOURCES]['kind'];

const BY_KIND = new Map<string, Resource>(
  Object.values(RESOURCES).map(resource => [resource.kind, resource]),
);

/** The resource of a kind. */
export function resourceOf(kind: Kind): Resource {
  const found = BY_KIND.get(kind);
  if (found === undefined) throw new Error(`no resource has the kind ${kind}`);
  return found;
}

/** Which object, or all of them. */
export interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string;
  readonly subresource?: 'status';
}

/** The path of a resource's objects on every API server; each part is encoded, so no name can lead elsewhere. */
export function pathOf({ group, version, plural, namespaced }: Resource, place: Place = {}): string {
  const { namespace, name, subresource } = place;
  const parts = [
    ...(group === '' ? ['api', version] : ['apis', group, version]),
    ...(namespaced && namespace !== undefined ? ['namespaces', namespace] : []),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}
