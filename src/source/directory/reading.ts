import { isUtf8 } from 'node:buffer';
import { messageOf } from '../../base/errors.ts';
import { type Problem, readObject } from '../../objects/index.ts';
import type { MeshObject } from '../../objects/shapes.ts';
import { BrokenFile, parseJson, type RawDocument, yamlDocuments } from './documents.ts';

/** An object, what names it within its cluster, and the line on which its document begins. */
export interface PlacedObject {
  readonly identity: string;
  readonly object: MeshObject;
  readonly line: number;
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
  /** True: there is nothing in the file, or nothing but comments. */
  readonly blank?: boolean;
  /** True: it could not be read just now, whatever is in it. */
  readonly transient?: boolean;
}

/** Findings kept of one file: a generated file with one mistake in every object is one mistake. */
const KEPT_FINDINGS = 20;

/**
 * Reads the bytes of one file, step by step: one object each. Never throws, for what is wrong is in the reading.
 *
 * @param yaml whether it may be YAML; if not, what is not JSON comes back as undefined
 */
export function* readSteps(bytes: Buffer, yaml: boolean): Generator<void, FileReading | undefined> {
  const reading: FileReading = { remarks: noRemarks(), objects: new Map() };
  try {
    if (!isUtf8(bytes)) throw new BrokenFile('is not UTF-8 text: save it as UTF-8');
    const text = bytes.toString('utf8').replace(/^\ufeff/, '');
    const json = parseJson(text);
    if (json === undefined && !yaml) return undefined;
    const documents = json === undefined ? yamlDocuments(text) : [{ value: json, line: 1 }];
    let blank = true;
    for (const document of documents) {
      blank = false;
      yield* readDocument(document, reading);
    }
    return { ...reading, blank };
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

function* readDocument({ value, line }: RawDocument, reading: FileReading): Generator<void> {
  const waiting = [value];
  while (waiting.length > 0) {
    const { object, problems, items } = readObject(waiting.pop());
    for (const problem of problems) tell({ ...problem, line }, reading.remarks);
    if (object !== undefined) place({ identity: identityOf(object), object, line }, reading);
    // One by one: spreading a list of a hundred thousand items into a call overflows the stack.
    for (const item of items?.toReversed() ?? []) waiting.push(item);
    yield;
  }
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
