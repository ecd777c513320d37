import { ownedKeyOf } from '../desired/fingerprint.ts';
import { asLastHeard } from '../desired/withdrawn.ts';
import type { ApiClient, RawObject } from '../kube/client.ts';
import { listPages } from '../kube/list-pages.ts';
import { RESOURCES } from '../kube/resource.ts';
import { readEndpointSlice } from '../objects/endpoint-slice.ts';
import { exportedServiceReader } from '../objects/exported-service.ts';
import { IMPORTS_NAMESPACE, MANAGED_BY, MCS_SOURCE_CLUSTER, MIRROR_OF, US } from '../objects/names.ts';
import { Problems } from '../objects/problem.ts';
import type { EndpointSliceObject, ExportedServiceObject } from '../objects/shapes.ts';

export type ImportedObject = ExportedServiceObject | EndpointSliceObject;

/**
 * What this cluster last heard from the others, read back from its own API server: the copies of their ExportedServices
 * and the mirrors of their slices. With it a controller that begins to lead while another cluster is away goes on from
 * where the last one stopped, and wipes nothing.
 */
export class Memory {
  readonly #objects = new Map<string, Map<string, ImportedObject>>();

  /** Reads all of it. Throws where the API server does not let it: then nobody may lead yet. */
  static async read(client: ApiClient, signal: AbortSignal): Promise<Memory> {
    const memory = new Memory();
    const ours = { labelSelector: `${MANAGED_BY}=${US}` };
    const copies = { ...ours, namespace: IMPORTS_NAMESPACE };
    await Promise.all([
      listPages(client, RESOURCES.exportedServices, copies, raw => memory.exported(raw), signal),
      listPages(client, RESOURCES.endpointSlices, ours, raw => memory.slice(raw), signal),
    ]);
    return memory;
  }

  exported(raw: RawObject): void {
    const object = exportedServiceReader.read(raw, Problems.ignored());
    if (object) this.#keep(object.cluster, `ExportedService ${raw.metadata.name}`, object);
  }

  /**
   * A mirror, or what was added to a Service of the same name (a global one). The mirror, where there are both, has
   * more.
   */
  slice(raw: RawObject): void {
    const [cluster, publishedName] = raw.metadata.annotations?.[MIRROR_OF]?.split('/') ?? [];
    if (cluster === undefined || publishedName === undefined) return;
    if (ownedKeyOf('EndpointSlice', raw) === undefined) return;
    const isMirror = raw.metadata.labels?.[MCS_SOURCE_CLUSTER] !== undefined;
    const id = `EndpointSlice ${raw.metadata.namespace}/${publishedName}`;
    if (!isMirror && this.#objects.get(cluster)?.has(id)) return;
    const slice = readEndpointSlice(raw, Problems.ignored(), 'ours', 'everything');
    if (slice === undefined) return;
    this.#keep(cluster, id, asLastHeard({ ...slice, name: publishedName, sourceCluster: cluster }));
  }

  /** What was heard from a cluster. */
  of(cluster: string): Iterable<ImportedObject> {
    return this.#objects.get(cluster)?.values() ?? [];
  }

  #keep(cluster: string, id: string, object: ImportedObject): void {
    const objects = this.#objects.get(cluster) ?? new Map<string, ImportedObject>();
    this.#objects.set(cluster, objects.set(id, object));
  }
}
