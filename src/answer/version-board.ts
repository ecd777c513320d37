import type { MeshChange } from '../mesh/model.ts';
import type { Place } from './compile.ts';

/** Words of services, of namespaces, and the two behind them: one that never changes, and the zone's serial. */
const SERVICES = 2 ** 16;
const NAMESPACES = 2 ** 14;
const CONSTANT = SERVICES + NAMESPACES;
const SERIAL = CONSTANT + 1;

/** Where a board is looked at for one answer. */
export interface Slots {
  readonly service: number;
  readonly namespace: number;
}

/**
 * What answers in other threads are checked against: a counter per service and one per namespace, in memory that all
 * threads share. Whoever applies a change counts here in the same breath, so no thread gives an old answer once a new
 * one was given, and nobody has to be told.
 *
 * Names that do not exist have slots as those that do: a service that comes counts where it was found missing. So a
 * change outdates what is at its own names, and nothing else but what shares their slots by chance.
 *
 * Slots are shared by a hash of keys. That costs an answer of another service now and then, which is compiled anew; a
 * slot of its own for each would have to be given back and would grow with names that come and go.
 */
export class VersionBoard {
  /** For other threads, which make a board of their own of it. */
  readonly words: Int32Array;
  #namespaces: ReadonlySet<string> = new Set();

  /** @param words made by `VersionBoard.words()` */
  constructor(words: Int32Array) {
    this.words = words;
  }

  static words(): Int32Array {
    return new Int32Array(new SharedArrayBuffer(4 * (SERIAL + 1)));
  }

  /**
   * Takes note of a change that was applied to the zone.
   *
   * @param serial the zone's, after it
   */
  apply({ services, namespaces }: MeshChange, serial: number): void {
    for (const key of services.keys()) this.#count(serviceSlot(key));
    const before = this.#namespaces;
    if (namespaces !== before) {
      for (const namespace of before) if (!namespaces.has(namespace)) this.#count(namespaceSlot(namespace));
      for (const namespace of namespaces) if (!before.has(namespace)) this.#count(namespaceSlot(namespace));
      this.#namespaces = namespaces;
    }
    // Last: who sees the new serial sees what came with it.
    Atomics.store(this.words, SERIAL, serial | 0);
  }

  slotsOf(place: Place | undefined): Slots {
    return {
      service: place?.key === undefined ? CONSTANT : serviceSlot(place.key),
      namespace: place === undefined ? CONSTANT : namespaceSlot(place.namespace),
    };
  }

  /** What two slots hold together: counters never go back, so the sum stays only where both do. */
  stamp(service: number, namespace: number): number {
    return (Atomics.load(this.words, service) + Atomics.load(this.words, namespace)) | 0;
  }

  /** Of the zone. Read before a stamp, it belongs to what the stamp vouches for or to an earlier state of it. */
  get serial(): number {
    return Atomics.load(this.words, SERIAL) >>> 0;
  }

  #count(slot: number): void {
    Atomics.add(this.words, slot, 1);
  }
}

function serviceSlot(key: string): number {
  return hashOf(key) & (SERVICES - 1);
}

function namespaceSlot(namespace: string): number {
  return SERVICES + (hashOf(namespace) & (NAMESPACES - 1));
}

/** FNV-1a; keys of what exists hold characters of DNS names alone. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 16);
}
