import { expect } from 'vitest';
import { objectKey } from '../../src/base/name.ts';
import { Mesh } from '../../src/mesh/mesh.ts';
import type { MergedService } from '../../src/mesh/model.ts';
import type { MeshObject } from '../../src/objects/shapes.ts';

/** One thing that can be told a mesh. */
export type WalkStep =
  | { readonly do: 'put' | 'remove'; readonly cluster: string; readonly object: MeshObject }
  | { readonly do: 'serving'; readonly cluster: string; readonly serving: boolean }
  | { readonly do: 'leave'; readonly cluster: string }
  | { readonly do: 'flush' };

/** A mesh beside the plainest account of what it was told, and of what its flushes said. */
export class Walk {
  readonly mesh = new Mesh({ localCluster: 'east' });
  readonly objects = new Map<string, { cluster: string; object: MeshObject }>();
  readonly lost = new Set<string>();
  readonly services = new Map<string, MergedService>();
  namespaces: ReadonlySet<string> = new Set();

  take(step: WalkStep): void {
    if (step.do === 'flush') this.flush();
    else if (step.do === 'serving') this.#verdict(step.cluster, step.serving);
    else if (step.do === 'leave') this.#leave(step.cluster);
    else this.#change(step.do, step.cluster, step.object);
  }

  flush(): void {
    const { services, namespaces } = this.mesh.flush();
    for (const [key, service] of services) {
      expect(service).not.toEqual(this.services.get(key));
      if (service) this.services.set(key, service);
      else this.services.delete(key);
    }
    this.namespaces = namespaces;
  }

  #change(verb: 'put' | 'remove', cluster: string, object: MeshObject): void {
    this.mesh[verb](cluster, object);
    const place = object.kind === 'Namespace' ? object.name : objectKey(object.namespace, object.name);
    const identity = `${cluster} ${object.kind} ${place}`;
    if (verb === 'put') this.objects.set(identity, { cluster, object });
    else this.objects.delete(identity);
  }

  #verdict(cluster: string, serving: boolean): void {
    this.mesh.setServing(cluster, serving);
    if (serving) this.lost.delete(cluster);
    else this.lost.add(cluster);
  }

  #leave(cluster: string): void {
    this.mesh.removeCluster(cluster);
    this.lost.delete(cluster);
    for (const [identity, held] of this.objects) if (held.cluster === cluster) this.objects.delete(identity);
  }
}
