import type { MeshObject } from './shapes.ts';

/** What is wrong with one object, for the person who wrote it. */
export interface Problem {
  /** `error`: the object is left out. `warning`: it is used, the part named here is left out or defaulted. */
  readonly severity: 'error' | 'warning';
  /** `EndpointSlice shop/payments-v4`, or `document` where it cannot be told. */
  readonly object: string;
  /** Path of the field, `endpoints[0].addresses[1]`. */
  readonly field?: string;
  /** What was found and what it must be. */
  readonly message: string;
}

/** What became of one document. */
export interface ObjectReading {
  readonly object?: MeshObject;
  readonly problems: readonly Problem[];
  /** The objects in a `List`, as they came; each is to be read in its turn. */
  readonly items?: readonly unknown[];
}

/** Problems kept for one object: a slice of 1,000 bad addresses must not make 1,000 log lines. */
const KEPT = 10;

/** Collects the problems of one object while it is read. */
export class Problems {
  readonly #describe: () => string;
  readonly #list: Problem[] = [];
  #dropped = 0;

  /** @param describe names the object; only asked where there is a problem, for most have none */
  constructor(describe: () => string) {
    this.#describe = describe;
  }

  /** For what nobody is told of. */
  static ignored(): Problems {
    return new Problems(() => '');
  }

  /** The object is left out. */
  refuse(field: string | undefined, message: string): undefined {
    this.#add('error', field, message);
  }

  /** The object is used, or is none of ours; the part named is left out. */
  warn(field: string | undefined, message: string): undefined {
    this.#add('warning', field, message);
  }

  list(): readonly Problem[] {
    if (this.#dropped === 0) return this.#list;
    const message = `${this.#dropped} more problems of this object are not listed`;
    return [...this.#list, { severity: 'warning', object: this.#describe(), message }];
  }

  #add(severity: Problem['severity'], field: string | undefined, message: string): void {
    if (this.#list.length === KEPT) {
      this.#dropped++;
      return;
    }
    this.#list.push({
      severity,
      object: this.#describe(),
      ...(field === undefined ? {} : { field }),
      message,
    });
  }
}

/** `metadata.annotations["causeway.dev/weight"]: found "ten": must be …` */
export function problemText({ field, message }: Problem): string {
  return field === undefined ? message : `${field}: ${message}`;
}

/** A value of unknown shape as a short piece of a message; never throws, never repeats a long text in full. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
    case 'number':
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'nothing';
    default:
      if (value === null) return 'null';
      return Array.isArray(value) ? 'a list' : 'a mapping';
  }
}
