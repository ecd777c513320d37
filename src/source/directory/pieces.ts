import { BrokenFile, type RawDocument, yamlDocuments } from './documents.ts';
import { fingerprint } from './fingerprint.ts';
import { type Stretch, splitList } from './json-list.ts';

/** A stretch of a file that can be read apart from the others. */
export interface Piece {
  /** The same for the same text. */
  readonly print: number;
  /** The line on which its content begins, from 1. */
  readonly line: number;
  readonly length: number;
  /**
   * Parses it.
   * @throws SyntaxError for JSON
   * @throws BrokenFile for YAML
   */
  documents(): Iterable<RawDocument>;
}

/** The pieces of a JSON text: the items of a list, or else all of it. */
export function jsonPieces(text: string): Piece[] {
  const items = splitList(text) ?? [{ start: 0, end: text.length, line: 1 }];
  return items.map(({ start, end, line }) => ({
    print: fingerprint(text, start, end),
    line,
    length: end - start,
    documents: () => [{ value: JSON.parse(text.slice(start, end)), line }],
  }));
}

/** The pieces of a YAML text: what lies between the lines `---`. */
export function yamlPieces(text: string): Piece[] {
  return splitDocuments(text).map(({ start, end, line }) => ({
    print: fingerprint(text, start, end),
    line: line + blankLines(text, start),
    length: end - start,
    documents: () => yamlDocuments(text.slice(start, end), line),
  }));
}

/**
 * The marker is one wherever it stands at the beginning of a line, even within quotes (YAML 1.2, 9.1.2), and nothing but a
 * directive of the next document can stand before it; a text with directives is left in one piece.
 */
function splitDocuments(text: string): Stretch[] {
  const markers = /^%/m.test(text) ? [] : [...text.matchAll(/^---(?!\S)/gm)].map(({ index }) => index);
  const stretches: Stretch[] = [];
  let line = 1;
  let start = 0;
  for (const end of [...markers, text.length]) {
    if (end > start) stretches.push({ start, end, line });
    for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) line++;
    start = end;
  }
  return stretches;
}

/** How many lines at the beginning of a document are the marker, comments or empty. */
function blankLines(text: string, start: number): number {
  const blank = /(?:(?:---)?[ \t]*(?:#.*)?\r?\n)*/y;
  blank.lastIndex = start;
  return (blank.exec(text)?.[0].split('\n').length ?? 1) - 1;
}

/** Why a text that looks like JSON is not, where the YAML reader, which knows the line, would take too long over it. */
export function jsonFault(text: string): BrokenFile {
  try {
    JSON.parse(text);
    return new BrokenFile('is no JSON');
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'is no JSON';
    const line = /\(line (\d+) column/.exec(reason)?.[1];
    return new BrokenFile(reason, line === undefined ? undefined : Number(line));
  }
}
