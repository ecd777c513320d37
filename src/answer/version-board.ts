import type { MeshChange } from '../mesh/model.ts';
import type { Compiled } from './compile.ts';

/** Slots of services; the one after them is the zone's serial. */
const SLOTS = 2 ** 16;
const SERIAL_SLOT = SLOTS;

/**
 * What answers in other threads are checked against: a counter per service, in memory that all threads share. Whoever
 * applies a change counts here in the same breath, so no thread gives an old answer once a new one was given, and
 * nobody has to be told.
 *
 * Services share slots by a hash of their keys. That costs an answer of the other service now and then, which is
 * compiled anew; a slot of its own for each service would have to be given back and would grow with names that come and
 * go.
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
    return new Int32Array(new SharedArrayBuffer(4 * (SLOTS + 1)));
  }

  /** Takes note of a change that was applied to the zone. */
  apply({ services, namespaces }: MeshChange): void {
    if (services.size === 0 && namespaces === this.#namespaces) return;
    const lost = [...this.#namespaces].some(namespace => !namespaces.has(namespace));
    this.#namespaces = namespaces;
    this.#count(SERIAL_SLOT);
    if (lost) for (let slot = 0; slot < SLOTS; slot++) this.#count(slot);
    else for (const key of services.keys()) this.#count(slotOf(key));
  }

  /** Where it is seen whether an answer is current. */
  slotOf({ version }: Pick<Compiled, 'version'>): number {
    return version === undefined ? SERIAL_SLOT : slotOf(version.key);
  }

  /** What a slot holds now. */
  read(slot: number): number {
    return Atomics.load(this.words, slot);
  }

  #count(slot: number): void {
    Atomics.add(this.words, slot, 1);
  }
}

/** FNV-1a; keys hold characters of DNS names alone. */
function slotOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 16)) & (SLOTS - 1);
}
