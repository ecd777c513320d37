import type { AddressFamily } from '../base/ip.ts';
import { localBacking, selectBacking } from '../desired/federated.ts';
import type { FederatedView, ServiceView } from '../desired/model.ts';
import { publicationOf } from '../desired/publication.ts';
import type { Condition } from '../objects/shapes.ts';
import type { LocalState } from './local-state.ts';

const NO_CONDITIONS: readonly Condition[] = [];

/** Puts together what decides about one service. The mesh has to be flushed before. */
export function viewOf(key: string, state: LocalState, localFamilies: readonly AddressFamily[]): ServiceView {
  const { mesh, cluster: localCluster } = state;
  const [namespace = '', name = ''] = key.split('/');
  const { service, request, slices } = mesh.ownPartsOf(localCluster, key);
  const remotes = [...state.remoteClusters.values()];
  const publication = publicationOf(request?.exportTo, remotes, state.namespaces);
  return {
    namespace,
    name,
    localCluster,
    namespaceExists: state.namespaces.has(namespace),
    merged: mesh.serviceOf(key),
    exports: mesh.exportsOf(key),
    conflicts: mesh.conflictsOf(key),
    serviceExport: request,
    exportConditions: state.statusOf('ServiceExport', key)?.conditions ?? NO_CONDITIONS,
    invalid: mesh.invalidExportsOf(key).find(invalid => invalid.cluster === localCluster),
    publishIn: publication.publishIn,
    publishFault: publication.fault,
    service,
    localSlices: [...slices],
    derivedIPs: derivedIPsOf(key, namespace, state),
    foreign: state.foreign,
    importConditions: state.statusOf('ServiceImport', key)?.conditions ?? NO_CONDITIONS,
    localFamilies,
    lost: mesh.lost,
    federated: federatedView(key, namespace, state),
  };
}

/** Only of Services in the service's own namespace: who may write in another one must not give it addresses. */
function derivedIPsOf(key: string, namespace: string, { owned }: LocalState): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const one of owned.of(key).values()) {
    const isDerived = one.kind === 'Service' && one.namespace === namespace;
    if (isDerived && one.clusterIPs !== undefined) found.set(one.name, one.clusterIPs);
  }
  return found;
}

/** Undefined: the Service is no federated one. */
function federatedView(key: string, namespace: string, state: LocalState): FederatedView | undefined {
  const { mesh, cluster } = state;
  const selector = mesh.ownPartsOf(cluster, key).service?.detail?.intent.federationSelector;
  if (selector === undefined) return undefined;
  const keys = [...mesh.keysIn(namespace)].sort();
  const remote = keys.flatMap(each => mesh.exportsOf(each)).filter(each => each.cluster !== cluster);
  const local = keys.flatMap(each => localBacking(cluster, mesh.ownPartsOf(cluster, each)));
  return selectBacking(selector, { remote, local });
}
