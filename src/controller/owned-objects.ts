import { objectId } from '../desired/identity.ts';
import type { OwnedKind } from '../desired/model.ts';

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
 * that is older than what a write has returned is old news and changes nothing.
 */
export class OwnedObjects {
  readonly #byKey = new Map<string, Map<string, OwnedObject>>();

  /** Returns whether it says something new. */
  put(object: OwnedObject): boolean {
    const objects = this.#byKey.get(object.key) ?? new Map<string, OwnedObject>();
    const id = objectId(object);
    const held = objects.get(id);
    if (held !== undefined && isOlder(object.resourceVersion, held.resourceVersion)) return false;
    this.#byKey.set(object.key, objects.set(id, object));
    return held?.fingerprint !== object.fingerprint;
  }

  /** The object as last heard of is gone; one that was written anew since then stays. Returns whether one went. */
  drop(object: OwnedObject): boolean {
    const id = objectId(object);
    const objects = this.#byKey.get(object.key);
    const held = objects?.get(id);
    if (objects === undefined || held === undefined) return false;
    if (isOlder(object.resourceVersion, held.resourceVersion)) return false;
    objects.delete(id);
    if (objects.size === 0) this.#byKey.delete(object.key);
    return true;
  }

  of(key: string): ReadonlyMap<string, OwnedObject> {
    return this.#byKey.get(key) ?? NONE;
  }

  /** The services that something was written for. */
  get keys(): Iterable<string> {
    return this.#byKey.keys();
  }
}

/** Resource versions of one kind compare as whole numbers of any size (KEP-5504); others are never called older. */
function isOlder(one: string, other: string): boolean {
  if (!/^\d+$/.test(one) || !/^\d+$/.test(other)) return false;
  return one.length === other.length ? one < other : one.length < other.length;
}
