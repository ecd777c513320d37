import { objectId } from '../desired/identity.ts';
import type { OwnedKind } from '../desired/model.ts';
import type { WholeList } from '../kube/informer-listener.ts';
import { isEarlier } from '../kube/resource-version.ts';
import { sameData } from '../mesh/equal.ts';

/** What the controller remembers of an object that it wrote: enough to see whether it must be written again. */
export interface OwnedObject {
  readonly kind: OwnedKind;
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name` of the service that it was written for. */
  readonly key: string;
  readonly fingerprint: string;
  readonly resourceVersion: string;
  readonly uid: string;
  /** Of a derived Service: its addresses. */
  readonly clusterIPs?: readonly string[];
}

const NONE: ReadonlyMap<string, OwnedObject> = new Map();

/**
 * The actual state: every object in the cluster that is ours, by the service it was written for.
 *
 * It learns from two sides, the answers to our own writes and the informers, and the informers may be behind: an event
 * that is older than what a write has returned is old news. Whole lists have the last word, since they are consistent
 * reads: what an event missed, or a store that was set back, comes right with the next of them.
 */
export class OwnedObjects {
  readonly #byKey = new Map<string, Map<string, OwnedObject>>();

  /** Returns whether it says something new. */
  put(object: OwnedObject): boolean {
    const objects = this.#byKey.get(object.key) ?? new Map<string, OwnedObject>();
    const id = objectId(object);
    const held = objects.get(id);
    if (held !== undefined && isEarlier(object.resourceVersion, held.resourceVersion)) return false;
    this.#byKey.set(object.key, objects.set(id, object));
    return held?.fingerprint !== object.fingerprint || !sameData(held.clusterIPs, object.clusterIPs);
  }

  /** That very object is gone; another one of its name, written since then, stays. Returns whether one went. */
  drop(object: OwnedObject): boolean {
    const id = objectId(object);
    const objects = this.#byKey.get(object.key);
    if (objects?.get(id)?.uid !== object.uid) return false;
    objects.delete(id);
    if (objects.size === 0) this.#byKey.delete(object.key);
    return true;
  }

  /**
   * Holds the objects of one kind against a whole list of it. Returns the services for which something is other than
   * thought.
   */
  verify(kind: OwnedKind, list: WholeList): string[] {
    const wrong = new Set<string>();
    for (const objects of this.#byKey.values()) {
      for (const object of objects.values()) {
        if (object.kind !== kind) continue;
        const { resourceVersion, namespace, name, key } = object;
        if (isEarlier(list.version, resourceVersion)) {
          // Written while the list was on its way, or the store was set back. In either case the next event is
          // believed.
          objects.set(objectId(object), { ...object, resourceVersion: '' });
          wrong.add(key);
        } else if (!list.has(namespace, name)) {
          objects.delete(objectId(object));
          wrong.add(key);
        }
      }
    }
    for (const key of wrong) if (this.#byKey.get(key)?.size === 0) this.#byKey.delete(key);
    return [...wrong];
  }

  of(key: string): ReadonlyMap<string, OwnedObject> {
    return this.#byKey.get(key) ?? NONE;
  }

  /** The services that something was written for. */
  get keys(): Iterable<string> {
    return this.#byKey.keys();
  }
}
