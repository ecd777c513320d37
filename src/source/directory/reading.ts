import { isUtf8 } from 'node:buffer';
import { messageOf } from '../../base/errors.ts';
import { type Problem, readObject } from '../../objects/index.ts';
import type { MeshObject } from '../../objects/shapes.ts';
import { BrokenFile } from './documents.ts';
import { jsonFault, jsonPieces, type Piece, yamlPieces } from './pieces.ts';

/** An object, what names it within its cluster, and the line on which its document begins. */
export interface PlacedObject {
  readonly identity: string;
  readonly object: MeshObject;
  readonly line: number;
  /** Fingerprint of the piece of the file that is this object and nothing else; 0: there is none. */
  readonly print: number;
}

/** Something to tell the person who wrote the file. */
export interface Finding extends Problem {
  readonly line: number;
}

/** What there is to say of a file, beside its objects. */
export interface Remarks {
  /** Set: nothing in the file can be used. */
  readonly fault?: { readonly reason: string; readonly line?: number };
  readonly findings: Finding[];
  /** Findings beyond those kept. */
  findingsDropped: number;
  /** Identities of the objects that are in the file and were refused. */
  readonly refused: string[];
  /** True: an object was refused that does not say in full which one it is. */
  refusedUnnamed: boolean;
}

/** What one file holds. */
export interface FileReading {
  readonly remarks: Remarks;
  /** By identity, in the file's order. */
  readonly objects: Map<string, PlacedObject>;
}

/** How a file is read. */
export interface ReadingOptions {
  /** Objects of the file as read before: where a piece has not changed, its object is taken from here. */
  readonly known: Iterable<PlacedObject>;
  /** Characters of one piece that may be parsed, as YAML and as JSON. */
  readonly mostYaml: number;
  readonly mostJson: number;
}

/** Findings kept of one file: a generated file with one mistake in every object is one mistake. */
const KEPT_FINDINGS = 20;
/** Characters of broken JSON for which the YAML reader is asked for the line: about a second's work. */
const MOST_BROKEN_JSON = 1024 * 1024;

/**
 * Reads the bytes of one file, step by step: one piece each. Never throws, for what is wrong is in the reading. Undefined:
 * a piece of it has more characters than may be parsed.
 */
export function* readSteps(bytes: Buffer, options: ReadingOptions): Generator<void, FileReading | undefined> {
  try {
    if (!isUtf8(bytes)) throw new BrokenFile('is not UTF-8 text: save it as UTF-8');
    const text = bytes.toString('utf8').replace(/^\ufeff/, '');
    if (/^\s*[{[]/.test(text)) {
      try {
        return yield* readPieces(jsonPieces(text), options.mostJson, options.known);
      } catch (thrown) {
        if (!(thrown instanceof SyntaxError)) throw thrown;
        if (text.length > MOST_BROKEN_JSON) throw jsonFault(text);
        // It may be YAML that begins like JSON; and if it is not, only the YAML reader always knows the line.
      }
    }
    return yield* readPieces(yamlPieces(text), options.mostYaml, options.known);
  } catch (thrown) {
    return brokenReading(messageOf(thrown), thrown instanceof BrokenFile ? thrown.line : undefined);
  }
}

/** The reading of a file that is of no use. */
export function brokenReading(reason: string, line?: number): FileReading {
  const fault = line === undefined ? { reason } : { reason, line };
  return { remarks: { ...noRemarks(), fault }, objects: new Map() };
}

function noRemarks(): Remarks {
  return { findings: [], findingsDropped: 0, refused: [], refusedUnnamed: false };
}

function* readPieces(
  pieces: readonly Piece[],
  most: number,
  known: Iterable<PlacedObject>,
): Generator<void, FileReading | undefined> {
  const reading: FileReading = { remarks: noRemarks(), objects: new Map() };
  const byPrint = new Map<number, PlacedObject>();
  for (const placed of known) if (placed.print !== 0) byPrint.set(placed.print, placed);
  for (const piece of pieces) {
    const { print, line } = piece;
    const same = byPrint.get(print);
    if (same !== undefined) place(same.line === line ? same : { ...same, line }, reading);
    else if (piece.length > most) return undefined;
    else readPiece(piece, reading);
    yield;
  }
  return reading;
}

function readPiece({ print, documents }: Piece, reading: FileReading): void {
  const found: Omit<PlacedObject, 'print'>[] = [];
  let clean = true;
  for (const { value, line } of documents()) {
    const waiting = [value];
    while (waiting.length > 0) {
      const { object, problems, items } = readObject(waiting.pop());
      for (const problem of problems) tell({ ...problem, line }, reading.remarks);
      clean &&= problems.length === 0;
      if (object !== undefined) found.push({ identity: identityOf(object), object, line });
      // One by one: spreading a list of a hundred thousand items into a call overflows the stack.
      for (const item of items?.toReversed() ?? []) waiting.push(item);
    }
  }
  // A piece of which there is something to tell has to be read, and told of, each time.
  const reusable = clean && found.length === 1;
  for (const one of found) place({ ...one, print: reusable ? print : 0 }, reading);
}

function place(placed: PlacedObject, { objects, remarks }: FileReading): void {
  const { identity, line } = placed;
  const first = objects.get(identity);
  if (first === undefined) {
    objects.set(identity, placed);
    return;
  }
  const message = `is in this file twice; the one of line ${first.line} is used`;
  tell({ severity: 'error', object: identity, message, line }, remarks);
}

function identityOf(object: MeshObject): string {
  return object.kind === 'Namespace'
    ? `Namespace ${object.name}`
    : `${object.kind} ${object.namespace}/${object.name}`;
}

function tell(finding: Finding, remarks: Remarks): void {
  const { severity, object } = finding;
  if (severity === 'error') {
    // A name without a namespace may as well be a namespace without a name, so it says nothing.
    const named = object.includes('/') || /^Namespace ./.test(object);
    if (!named) remarks.refusedUnnamed = true;
    else if (remarks.refused.at(-1) !== object) remarks.refused.push(object);
  }
  if (remarks.findings.length < KEPT_FINDINGS) remarks.findings.push(finding);
  else remarks.findingsDropped++;
}
