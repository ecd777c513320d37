import { Composer, type Document, LineCounter, Parser } from 'yaml';
import { CausewayError, messageOf } from '../../base/errors.ts';

/** One document of a file: the plain value, and the line (from 1) on which its content begins. */
export interface RawDocument {
  readonly value: unknown;
  readonly line: number;
}

/** Characters: about a second's work for the YAML reader. */
const MAX_JSON_AS_YAML = 1024 * 1024;
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
 * The value of a text that is one JSON value. Undefined: it is not, and may yet be YAML.
 *
 * To be asked first whatever the file's ending, for it is a hundred times faster than YAML. Where it fails the YAML
 * reader decides: it takes what kubectl takes (comments, several documents), and unlike JSON.parse it always knows the
 * line.
 *
 * @throws BrokenFile where the YAML reader would take too long over it
 */
export function parseJson(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (text.length <= MAX_JSON_AS_YAML) return undefined;
    const line = /\(line (\d+) column/.exec(messageOf(thrown))?.[1];
    throw new BrokenFile(messageOf(thrown), line === undefined ? undefined : Number(line));
  }
}

/**
 * The documents of a YAML file, one after the other: a syntax tree is some sixty times its text, so only one is ever
 * held. Empty documents are passed over.
 *
 * @throws BrokenFile when it comes to the first syntax error
 */
export function* yamlDocuments(text: string): Generator<RawDocument, void, undefined> {
  const lines = new LineCounter();
  const tokens = new Parser(lines.addNewLine).parse(text);
  const composer = new Composer({ lineCounter: lines, merge: true, stringKeys: true, logLevel: 'silent' });
  try {
    for (const document of composer.compose(tokens)) yield* convert(document, lines);
  } catch (thrown) {
    if (thrown instanceof BrokenFile) throw thrown;
    throw new BrokenFile(reasonOf(thrown));
  }
}

function* convert(document: Document.Parsed, lines: LineCounter): Generator<RawDocument> {
  // A tag outside of YAML's core schema is but a warning to the reader: it takes the value for a string.
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    const reason = fault.code === 'RESOURCE_EXHAUSTION' ? TOO_DEEP : fault.message;
    throw new BrokenFile(reason, lines.linePos(fault.pos[0]).line);
  }
  if (document.contents === null) return;
  const { line } = lines.linePos(document.contents.range[0]);
  const value = detached(document, line);
  if (value !== null) yield { value, line };
}

/**
 * The reader's strings are windows on the file's text, so that one name kept would keep the whole text in memory; a
 * trip through JSON cuts them loose.
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
