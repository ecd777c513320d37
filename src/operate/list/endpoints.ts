import { CausewayError } from '../../base/errors.ts';
import { parseCalicoSelector } from '../../base/selector/calico.ts';
import { parseLabelSelector } from '../../base/selector/kubernetes.ts';
import type { Selector } from '../../base/selector/selector.ts';
import { endpointsOfService, selectedEndpoints } from '../../health/endpoints.ts';
import type { ApiClient } from '../../kube/client.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { exportedServiceReader } from '../../objects/exported-service.ts';
import { IMPORTS_NAMESPACE, MCS_SERVICE_NAME, MCS_SOURCE_CLUSTER } from '../../objects/names.ts';
import { podReader } from '../../objects/pod.ts';
import type { Finding } from '../../views/finding.ts';
import type { GetEndpoints } from '../../views/get-endpoints.ts';
import type { OperatedCluster } from '../cluster.ts';
import { clusterIdOf } from '../cluster-id.ts';
import { tried } from '../known.ts';
import { listObjects } from '../list-objects.ts';
import { readImported } from './services.ts';

/** The endpoints of a service, in every cluster that exports it. */
export async function listEndpoints(
  { client }: OperatedCluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<GetEndpoints> {
  const labelSelector = `${MCS_SERVICE_NAME}=${name},${MCS_SOURCE_CLUSTER}`;
  const [ownCluster, slices] = await Promise.all([
    clusterIdOf(client, signal),
    listObjects(client, RESOURCES.endpointSlices, { namespace, labelSelector }, readImported, signal),
  ]);
  const endpoints = endpointsOfService({ ownCluster, slices });
  return { endpoints, findings: endpoints.length > 0 ? [] : await whyNone(client, namespace, name, signal) };
}

async function whyNone(
  client: ApiClient,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  const common = { check: 'endpoints.service', about: `${namespace}/${name}` };
  const found = await tried(() => client.get(RESOURCES.serviceImports, { namespace, name }, signal));
  if ('unknown' in found)
    return [
      { ...common, verdict: 'unknown', found: `whether it is imported is not known: ${found.unknown}` },
    ];
  if (found.value !== undefined) return [];
  const remedy = `see causeway get services; in a cluster that has it: causeway export ${name} -n ${namespace}`;
  return [{ ...common, verdict: 'bad', found: 'no such service is imported', remedy }];
}

/**
 * What a selector selects over all clusters.
 *
 * @param text as `kubectl -l` takes it, or as Calico does
 * @param namespace undefined: of all
 * @throws CausewayError SETTING_INVALID
 */
export async function selectEndpoints(
  { client }: OperatedCluster,
  text: string,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<GetEndpoints> {
  const selector = selectorOf(text);
  const imports = { namespace: IMPORTS_NAMESPACE };
  const [ownCluster, pods, slices, exported] = await Promise.all([
    clusterIdOf(client, signal),
    listObjects(client, RESOURCES.pods, { namespace }, podReader.read, signal),
    listObjects(
      client,
      RESOURCES.endpointSlices,
      { namespace, labelSelector: MCS_SOURCE_CLUSTER },
      readImported,
      signal,
    ),
    listObjects(client, RESOURCES.exportedServices, imports, exportedServiceReader.read, signal),
  ]);
  return { endpoints: selectedEndpoints(selector, { ownCluster, pods, slices, exported }), findings: [] };
}

/** Each language has texts that the other takes for none; what both take means the same in both. */
function selectorOf(text: string): Selector {
  const reading = parseLabelSelector(text);
  if ('selector' in reading) return reading.selector;
  const calico = parseCalicoSelector(text);
  if ('selector' in calico) return calico.selector;
  throw new CausewayError(
    'SETTING_INVALID',
    `--selector: ${reading.fault} (and as a selector of Calico: ${calico.fault})`,
  );
}
