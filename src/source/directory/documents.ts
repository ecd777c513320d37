import { Composer, type Document, LineCounter, Parser } from 'yaml';
import { CausewayError, messageOf } from '../../base/errors.ts';

/** One document of a file: the plain value, and the line (from 1) on which its content begins. */
export interface RawDocument {
  readonly value: unknown;
  readonly line: number;
}

const TOO_DEEP = 'nested too deep';

/** A file that cannot be read as a whole. `line` is absent where the fault is not in one place. */
export class BrokenFile extends CausewayError {
  readonly line: number | undefined;

  constructor(reason: string, line?: number) {
    super('FILE_BROKEN', reason);
    this.line = line;
  }
}

/**
 * The documents of a YAML text, one after the other: a syntax tree is some sixty times its text, so only one is ever held.
 * Empty documents are passed over.
 *
 * @param firstLine the line of the file on which the text begins
 * @throws BrokenFile when it comes to the first syntax error
 */
export function* yamlDocuments(text: string, firstLine = 1): Generator<RawDocument, void, undefined> {
  const counter = new LineCounter();
  const lineAt = (offset: number) => counter.linePos(offset).line + firstLine - 1;
  const tokens = new Parser(counter.addNewLine).parse(text);
  const composer = new Composer({ lineCounter: counter, merge: true, stringKeys: true, logLevel: 'silent' });
  try {
    for (const document of composer.compose(tokens)) yield* convert(document, lineAt);
  } catch (thrown) {
    if (thrown instanceof BrokenFile) throw thrown;
    throw new BrokenFile(reasonOf(thrown), firstLine);
  }
}

function* convert(document: Document.Parsed, lineAt: (offset: number) => number): Generator<RawDocument> {
  // A tag outside of YAML's core schema is but a warning to the reader: it takes the value for a string.
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    const reason = fault.code === 'RESOURCE_EXHAUSTION' ? TOO_DEEP : fault.message;
    throw new BrokenFile(reason, lineAt(fault.pos[0]));
  }
  if (document.contents === null) return;
  const line = lineAt(document.contents.range[0]);
  const value = detached(document, line);
  if (value !== null) yield { value, line };
}

/**
 * The reader's strings are windows on the file's text, so that one name kept would keep the whole text in memory; a trip
 * through JSON cuts them loose.
 */
function detached(document: Document.Parsed, line: number): unknown {
  try {
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 })) ?? 'null');
  } catch (thrown) {
    throw new BrokenFile(reasonOf(thrown), line);
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof RangeError ? TOO_DEEP : messageOf(thrown);
}
