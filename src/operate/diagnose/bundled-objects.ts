import { scrubbedCorefiles, scrubbedObject } from '../../diagnose/scrub.ts';
import type { ApiClient, Selection } from '../../kube/client.ts';
import { RESOURCES, type Resource } from '../../kube/resource.ts';
import { MANAGED_BY, PART_OF, US } from '../../objects/names.ts';
import { known } from './attempt.ts';
import type { BundledFile } from './bundled-file.ts';

/** Of each kind: one page. */
const MOST = 500;

type Kept = Selection & { readonly resource: Resource; readonly trim?: (raw: object) => object };

const OURS = { labelSelector: `${MANAGED_BY}=${US}` };
const INSTALLED = { labelSelector: `${PART_OF}=${US}` };

/** What is kept, by the name of its file. Secrets are not among it, and must never be. */
function keptIn(namespace: string): Readonly<Record<string, Kept>> {
  return {
    remoteclusters: { resource: RESOURCES.remoteClusters },
    serviceexports: { resource: RESOURCES.serviceExports },
    serviceimports: { resource: RESOURCES.serviceImports },
    exportedservices: { resource: RESOURCES.exportedServices },
    clusterproperties: { resource: RESOURCES.clusterProperties },
    remotenodes: { resource: RESOURCES.remoteNodes },
    endpointslices: { resource: RESOURCES.endpointSlices, ...OURS },
    'derived-services': { resource: RESOURCES.services, ...OURS },
    services: { resource: RESOURCES.services, namespace },
    'dns-endpointslices': { resource: RESOURCES.endpointSlices, namespace },
    deployments: { resource: RESOURCES.deployments, namespace },
    pods: { resource: RESOURCES.pods, namespace },
    leases: { resource: RESOURCES.leases, namespace },
    networkpolicies: { resource: RESOURCES.networkPolicies, namespace },
    serviceaccounts: { resource: RESOURCES.serviceAccounts, namespace },
    events: { resource: RESOURCES.events, namespace },
    configmaps: {
      resource: RESOURCES.configMaps,
      namespace: 'kube-system',
      fieldSelector: 'metadata.name=coredns',
      trim: scrubbedCorefiles,
    },
    'custom-configmaps': {
      resource: RESOURCES.configMaps,
      namespace: 'kube-system',
      fieldSelector: 'metadata.name=coredns-custom',
      trim: scrubbedCorefiles,
    },
    'node-local-configmaps': {
      resource: RESOURCES.configMaps,
      namespace: 'kube-system',
      fieldSelector: 'metadata.name=node-local-dns',
      trim: scrubbedCorefiles,
    },
    roles: { resource: RESOURCES.roles, ...INSTALLED },
    rolebindings: { resource: RESOURCES.roleBindings, ...INSTALLED },
    clusterroles: { resource: RESOURCES.clusterRoles, ...INSTALLED },
    clusterrolebindings: { resource: RESOURCES.clusterRoleBindings, ...INSTALLED },
    definitions: { resource: RESOURCES.customResourceDefinitions, ...INSTALLED, trim: withoutSchema },
    nodes: { resource: RESOURCES.nodes, trim: withoutImages },
    servicecidrs: { resource: RESOURCES.serviceCidrs },
  };
}

/** The objects of a cluster that say how Causeway stands in it. */
export function bundledObjects(
  client: ApiClient,
  namespace: string,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<BundledFile[]> {
  const files = Object.entries(keptIn(namespace)).map(async ([name, { resource, trim, ...selection }]) => {
    const page = await known(client.list(resource, { ...selection, limit: MOST }, signal));
    const path = `objects/${name}.json`;
    if ('unknown' in page) return { path, text: JSON.stringify(page, null, 2) };
    const items = page.value.items.map(raw => scrubbedObject(trim === undefined ? raw : trim(raw), secrets));
    const text = JSON.stringify(items, null, 2);
    const more = page.value.continue !== undefined;
    return { path, text, ...(more ? { cut: `only the first ${MOST} objects are in it` } : {}) };
  });
  return Promise.all(files);
}

/** Of a definition the versions: schemas are those of a release, and long. */
function withoutSchema(raw: object): object {
  const { spec, ...rest } = Object(raw);
  const { versions, ...about } = Object(spec);
  const told = (Array.isArray(versions) ? versions : []).map(({ name, served, storage }) => ({
    name,
    served,
    storage,
  }));
  return { ...rest, spec: { ...about, versions: told } };
}

function withoutImages(raw: object): object {
  const { status, ...rest } = Object(raw);
  const { images: _, ...kept } = Object(status);
  return { ...rest, status: kept };
}
