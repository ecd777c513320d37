import { objectKey } from '../../base/name.ts';
import { servicesOf } from '../../health/services.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { conditionsOf } from '../../objects/conditions.ts';
import { readEndpointSlice } from '../../objects/endpoint-slice.ts';
import { MCS_SOURCE_CLUSTER } from '../../objects/names.ts';
import type { Problems } from '../../objects/problem.ts';
import { serviceExportReader } from '../../objects/service-export.ts';
import { serviceImportReader } from '../../objects/service-import.ts';
import type { EndpointSliceObject } from '../../objects/shapes.ts';
import type { GetServices } from '../../views/get-services.ts';
import type { OperatedCluster } from '../cluster.ts';
import { listObjects } from '../list-objects.ts';

/**
 * The services of the cluster set as this cluster has imported them.
 *
 * @param namespace undefined: of all
 */
export async function listServices(
  { client }: OperatedCluster,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<GetServices> {
  const [imports, exports, slices] = await Promise.all([
    listObjects(
      client,
      RESOURCES.serviceImports,
      { namespace },
      withConditions(serviceImportReader.read),
      signal,
    ),
    listObjects(
      client,
      RESOURCES.serviceExports,
      { namespace },
      withConditions(serviceExportReader.read),
      signal,
    ),
    listObjects(
      client,
      RESOURCES.endpointSlices,
      { namespace, labelSelector: MCS_SOURCE_CLUSTER },
      readImported,
      signal,
    ),
  ]);
  return servicesOf({
    imports: imports.map(({ object }) => object),
    importConditions: new Map(imports.map(({ object, conditions }) => [keyOf(object), conditions])),
    exportConditions: new Map(exports.map(({ object, conditions }) => [keyOf(object), conditions])),
    slices,
  });
}

/** An imported slice, of whichever cluster. */
export function readImported(raw: unknown, problems: Problems): EndpointSliceObject | undefined {
  return readEndpointSlice(raw, problems, 'mirrored', 'everything');
}

function withConditions<Read extends object>(read: (raw: unknown, problems: Problems) => Read | undefined) {
  return (raw: unknown, problems: Problems) => {
    const object = read(raw, problems);
    return object && { object, conditions: conditionsOf(raw) };
  };
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return objectKey(namespace, name);
}
