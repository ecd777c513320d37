import { sameData } from '../../mesh/equal.ts';
import type { MeshObject } from '../../objects/shapes.ts';
import type { Pace } from '../pace.ts';
import type { PlacedObject } from './reading.ts';

/** The objects of one file by identity. */
export type Objects = ReadonlyMap<string, PlacedObject>;

/** One object that the mesh has to take in (it may be what it has already) or, where it is `gone`, to give up. */
export interface ObjectChange {
  readonly cluster: string;
  readonly object: MeshObject;
  readonly gone: boolean;
}

/** An object that is left out because another file gives it already. */
export interface Duplicate {
  readonly identity: string;
  readonly path: string;
  readonly line: number;
  readonly usedPath: string;
  readonly usedLine: number;
}

interface HeldFile {
  readonly path: string;
  readonly cluster: string;
  objects: Objects;
}

interface HeldCluster {
  /** The file whose object is used. */
  readonly owners: Map<string, HeldFile>;
  /** Only for objects that several files give: all of them in path order, the owner first. */
  readonly rivals: Map<string, HeldFile[]>;
  /** The objects touched by the changes under way, each in some version; one may be there twice. */
  readonly touched: PlacedObject[];
}

/**
 * Which file gives which object. Of several files in a cluster that give the same one, the first in path order counts,
 * and the next one takes over when it goes.
 */
export class Holdings {
  readonly #files = new Map<string, HeldFile>();
  readonly #clusters = new Map<string, HeldCluster>();

  /** The objects that a file gives, used or not. */
  of(path: string): Objects {
    return this.#files.get(path)?.objects ?? new Map();
  }

  /** The file gives these objects from now on; none: it is forgotten. */
  async replace(path: string, cluster: string, next: Map<string, PlacedObject>, pace: Pace): Promise<void> {
    const file = this.#files.get(path) ?? { path, cluster, objects: new Map() };
    const holdings = this.#cluster(cluster);
    for (const [identity, placed] of file.objects) {
      if (next.has(identity)) continue;
      holdings.touched.push(placed);
      leave(holdings, identity, file);
    }
    for (const [identity, placed] of next) {
      if (pace.due) await pace.breathe();
      const held = file.objects.get(identity);
      if (held !== undefined && sameData(held.object, placed.object)) {
        // The mesh keeps the object that it has, so a second one like it would only take memory.
        next.set(identity, { ...placed, object: held.object });
        continue;
      }
      holdings.touched.push(placed);
      if (held === undefined) join(holdings, identity, file);
    }
    file.objects = next;
    if (next.size > 0) this.#files.set(path, file);
    else this.#files.delete(path);
  }

  /** What may have changed since the last time it was asked. */
  *drain(): Generator<ObjectChange> {
    for (const [cluster, { owners, touched }] of this.#clusters) {
      for (const { identity, object } of touched) {
        const used = owners.get(identity)?.objects.get(identity)?.object;
        yield { cluster, object: used ?? object, gone: used === undefined };
      }
      touched.length = 0;
      if (owners.size === 0) this.#clusters.delete(cluster);
    }
  }

  *duplicates(): Generator<Duplicate> {
    for (const { rivals } of this.#clusters.values()) {
      for (const [identity, [owner, ...others]] of rivals) {
        for (const file of others) {
          yield {
            identity,
            path: file.path,
            line: file.objects.get(identity)?.line ?? 1,
            usedPath: owner?.path ?? '',
            usedLine: owner?.objects.get(identity)?.line ?? 1,
          };
        }
      }
    }
  }

  #cluster(cluster: string): HeldCluster {
    let holdings = this.#clusters.get(cluster);
    if (holdings === undefined) {
      holdings = { owners: new Map(), rivals: new Map(), touched: [] };
      this.#clusters.set(cluster, holdings);
    }
    return holdings;
  }
}

function join({ owners, rivals }: HeldCluster, identity: string, file: HeldFile): void {
  const owner = owners.get(identity);
  if (owner === undefined) {
    owners.set(identity, file);
    return;
  }
  const files = [...(rivals.get(identity) ?? [owner]), file].sort((a, b) => (a.path < b.path ? -1 : 1));
  rivals.set(identity, files);
  owners.set(identity, files[0] ?? file);
}

function leave({ owners, rivals }: HeldCluster, identity: string, file: HeldFile): void {
  const files = rivals.get(identity)?.filter(other => other !== file) ?? [];
  if (files.length > 1) rivals.set(identity, files);
  else rivals.delete(identity);
  const [owner] = files;
  if (owner === undefined) owners.delete(identity);
  else owners.set(identity, owner);
}
