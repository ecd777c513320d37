import { createHash } from 'node:crypto';
import { isMapping } from '../../objects/fields.ts';
import type { ImportObject } from './objects.ts';

/**
 * A snapshot is lines of JSON: a header, an object each, and a footer. Only a file that is whole down to its footer
 * counts, and then it is what this very version wrote: the objects were checked when they came from the API server, and
 * are not checked again. Raise VERSION with every change to the shape of an ImportObject.
 *
 *     {"format":"causeway-snapshot","version":1,"written":"2026-01-31T12:00:00.000Z","cluster":"west"}
 *     {"kind":"Namespace","name":"shop"}
 *     {"objects":1,"sha256":"…"}
 */
const FORMAT = 'causeway-snapshot';
const VERSION = 1;
/** Octets of one line, read or written. The largest EndpointSlice an API server takes is 1.5 MiB. */
export const MAX_LINE = 4 * 1024 * 1024;

const KINDS: Readonly<Record<ImportObject['kind'], true>> = {
  ServiceImport: true,
  EndpointSlice: true,
  DerivedService: true,
  Namespace: true,
  ClusterProperty: true,
  ClusterVerdict: true,
};

export interface SnapshotHeader {
  /** When it was true. */
  readonly written: Date;
  /** The cluster that it is of; undefined: nobody had said. */
  readonly cluster: string | undefined;
}

export interface Snapshot extends SnapshotHeader {
  readonly objects: readonly ImportObject[];
}

/** The lines of a snapshot, each with its line end. */
export function* encodeSnapshot(
  { written, cluster }: SnapshotHeader,
  objects: Iterable<ImportObject>,
): Generator<string> {
  const hash = createHash('sha256');
  let count = 0;
  const lineOf = (value: object): string => {
    const line = `${JSON.stringify(value)}\n`;
    hash.update(line);
    return line;
  };
  yield lineOf({ format: FORMAT, version: VERSION, written, cluster });
  for (const object of objects) {
    count++;
    yield lineOf(object);
  }
  yield `${JSON.stringify({ objects: count, sha256: hash.digest('hex') })}\n`;
}

/** Takes the lines of a snapshot one by one. Throws an Error that says what is wrong with them. */
export class SnapshotDecoder {
  readonly #hash = createHash('sha256');
  readonly #objects: ImportObject[] = [];
  #header: SnapshotHeader | undefined;
  #whole = false;

  /** @param line without its line end */
  take(line: Buffer): void {
    if (this.#whole) throw new Error('goes on after its end');
    const value = parse(line);
    if (this.#header === undefined) this.#header = readHeader(value);
    else if ('sha256' in value) {
      this.#checkFooter(value);
      return;
    } else this.#objects.push(readObject(value));
    this.#hash.update(line).update('\n');
  }

  /** What the lines come to, when there are no more. */
  finish(): Snapshot {
    if (this.#header === undefined) throw new Error('is empty');
    if (!this.#whole) throw new Error('is cut short');
    return { ...this.#header, objects: this.#objects };
  }

  #checkFooter({ objects, sha256 }: Record<string, unknown>): void {
    if (objects !== this.#objects.length || sha256 !== this.#hash.digest('hex')) {
      throw new Error('is not what was written: its checksum differs');
    }
    this.#whole = true;
  }
}

function parse(line: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line.toString());
  } catch {
    // The parser's own message quotes the text, which may be anything.
  }
  if (!isMapping(value)) throw new Error('is not a snapshot of ours: it has a line that is no JSON object');
  return value;
}

function readHeader({ format, version, written, cluster }: Record<string, unknown>): SnapshotHeader {
  if (format !== FORMAT) throw new Error('is not a snapshot of ours');
  if (version !== VERSION) {
    throw new Error(`is of version ${JSON.stringify(version)}, and this program reads version ${VERSION}`);
  }
  const time = new Date(String(written));
  if (Number.isNaN(time.getTime())) throw new Error('does not say when it was written');
  return { written: time, cluster: typeof cluster === 'string' ? cluster : undefined };
}

function readObject(value: Record<string, unknown>): ImportObject {
  if (!Object.hasOwn(KINDS, String(value['kind'])))
    throw new Error('holds an object of a kind that has no names');
  return value as unknown as ImportObject;
}
