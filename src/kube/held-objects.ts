import { objectKey } from '../base/name.ts';
import type { StoredObject } from './client.ts';
import type { InformerListener } from './informer-listener.ts';
import type { Teller } from './teller.ts';

interface Held<T> {
  readonly version: string;
  readonly object: T;
}

/** A list that is coming in. Nothing of it counts before `done`. */
export interface Incoming {
  take(raw: StoredObject): void;
  done(): void;
}

/** What was told of one list of objects, cut down; the objects as they came are never kept. */
export class HeldObjects<T> {
  readonly #read: (raw: StoredObject) => T | undefined;
  readonly #listener: InformerListener<T>;
  readonly #teller: Teller;
  #held = new Map<string, Held<T>>();

  constructor(read: (raw: StoredObject) => T | undefined, listener: InformerListener<T>, teller: Teller) {
    this.#read = read;
    this.#listener = listener;
    this.#teller = teller;
  }

  has(namespace: string, name: string): boolean {
    return this.#held.has(objectKey(namespace, name));
  }

  get size(): number {
    return this.#held.size;
  }

  put(raw: StoredObject): void {
    const key = keyOf(raw);
    const before = this.#held.get(key);
    const after = this.#cutDown(key, raw, before);
    if (after === undefined) this.#drop(key);
    else if (after !== before) {
      this.#held.set(key, after);
      this.#tellPut(key, after, before);
    }
  }

  drop(raw: StoredObject): void {
    this.#drop(keyOf(raw));
  }

  /**
   * Takes in a whole list, page by page, and tells the differences only when all of it is here: from half a list
   * everything else looks deleted. Nothing else may be put or dropped meanwhile.
   */
  incoming(): Incoming {
    const next = new Map<string, Held<T>>();
    return {
      take: raw => {
        const key = keyOf(raw);
        const held = this.#cutDown(key, raw, this.#held.get(key));
        if (held !== undefined) next.set(key, held);
      },
      done: () => this.#replace(next),
    };
  }

  // First what is there, then what is gone: an address that moved to another object is never missing.
  #replace(next: Map<string, Held<T>>): void {
    const last = this.#held;
    this.#held = next;
    for (const [key, held] of next) {
      const before = last.get(key);
      if (held !== before) this.#tellPut(key, held, before);
    }
    for (const [key, held] of last) {
      if (!next.has(key)) this.#tellDropped(key, held);
    }
  }

  /** `before` itself where nothing has changed. Undefined: not an object for us, or one that cannot be read. */
  #cutDown(key: string, raw: StoredObject, before: Held<T> | undefined): Held<T> | undefined {
    const version = versionOf(raw);
    if (before?.version === version) return before;
    const object = this.#teller.call('an object cannot be read', key, () => this.#read(raw));
    return object === undefined ? undefined : { version, object };
  }

  #drop(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    this.#tellDropped(key, held);
  }

  #tellPut(key: string, { object }: Held<T>, before: Held<T> | undefined): void {
    this.#teller.call('an object could not be taken in', key, () =>
      this.#listener.put(object, before?.object),
    );
  }

  #tellDropped(key: string, { object }: Held<T>): void {
    this.#teller.call('an object could not be taken out', key, () => this.#listener.dropped(object));
  }
}

function keyOf({ metadata }: StoredObject): string {
  return objectKey(metadata.namespace ?? '', metadata.name);
}

/**
 * Part of the uid is in it because an etcd that was wiped gives the same numbers again, to other objects of the same
 * names.
 */
function versionOf({ metadata }: StoredObject): string {
  return `${metadata.resourceVersion} ${metadata.uid?.slice(0, 8) ?? ''}`;
}
