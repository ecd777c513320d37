import type { RawObject } from '../kube/client.ts';
import { readEndpointSlice } from '../objects/endpoint-slice.ts';
import { exportedServiceReader } from '../objects/exported-service.ts';
import { IMPORTS_NAMESPACE, MCS_SOURCE_CLUSTER, MIRROR_OF } from '../objects/names.ts';
import { Problems } from '../objects/problem.ts';
import type { EndpointSliceObject, ExportedServiceObject } from '../objects/shapes.ts';

export type ImportedObject = ExportedServiceObject | EndpointSliceObject;

/**
 * What this cluster last heard from the others, read back from its own API server: the copies of their ExportedServices
 * and the mirrors of their slices. With it a controller that starts while another cluster is away goes on from where the
 * last one stopped, and wipes nothing.
 *
 * It is read along with everything else during the first full list, and forgotten once it was taken.
 */
export class Memory {
  #objects: Map<string, Map<string, ImportedObject>> | undefined = new Map();

  exported(raw: RawObject): void {
    if (this.#objects === undefined || raw.metadata.namespace !== IMPORTS_NAMESPACE) return;
    const object = exportedServiceReader.read(raw, new Problems(() => ''));
    if (object) this.#keep(object.cluster, `ExportedService ${raw.metadata.name}`, object);
  }

  /** A mirror, or what was added to a Service of the same name (a global one). The mirror, where there are both, is whole. */
  slice(raw: RawObject): void {
    const [cluster, publishedName] = raw.metadata.annotations?.[MIRROR_OF]?.split('/') ?? [];
    if (this.#objects === undefined || cluster === undefined || publishedName === undefined) return;
    const isMirror = raw.metadata.labels?.[MCS_SOURCE_CLUSTER] !== undefined;
    const id = `EndpointSlice ${publishedName}`;
    if (!isMirror && this.#objects.get(cluster)?.has(id)) return;
    const origin = isMirror ? 'mirrored' : 'native';
    const slice = readEndpointSlice(raw, new Problems(() => ''), origin, 'everything');
    if (slice === undefined) return;
    this.#keep(cluster, id, asLastHeard({ ...slice, name: publishedName, sourceCluster: cluster }));
  }

  /** What was heard from a cluster. Empty once `forget` was called. */
  of(cluster: string): Iterable<ImportedObject> {
    return this.#objects?.get(cluster)?.values() ?? [];
  }

  forget(): void {
    this.#objects = undefined;
  }

  #keep(cluster: string, id: string, object: ImportedObject): void {
    const objects = this.#objects?.get(cluster) ?? new Map<string, ImportedObject>();
    this.#objects?.set(cluster, objects.set(id, object));
  }
}

/** Endpoints of a lost cluster are written not ready, and `serving` keeps what they were. */
function asLastHeard(slice: EndpointSliceObject): EndpointSliceObject {
  const endpoints = slice.endpoints.map(endpoint => {
    const { serving, terminating } = endpoint.topology ?? {};
    return { ...endpoint, ready: endpoint.ready || (serving === true && terminating !== true) };
  });
  return { ...slice, endpoints };
}
