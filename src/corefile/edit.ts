import { CausewayError } from '../base/errors.ts';
import { type Marked, markedLines } from './marks.ts';
import { type Corefile, invalid } from './model.ts';
import { readCorefile } from './read.ts';
import { claims, serversOf } from './servers.ts';
import { type Stanza, stanzaText } from './stanza.ts';

/**
 * What a Corefile says outside our lines, with lines and characters counted as in the whole text: what a stanza is made
 * for, and what must be sound. Between the marks it may be as broken as it likes.
 *
 * @throws CausewayError COREFILE_MARKS_DAMAGED, COREFILE_INVALID
 */
export function outside(text: string, file = 'Corefile'): Corefile {
  const marked = markedLines(text, file);
  if (marked === undefined) return readCorefile(text, file);
  const { start, end } = marked;
  const blank = text.slice(start, end).replaceAll(/[^\n]/g, ' ');
  return readCorefile(text.slice(0, start) + blank + text.slice(end), file);
}

/**
 * The Corefile with the stanza in it: in place of the one that our marks enclose, else at the end. Every octet outside
 * the marked lines stays; they get the line ends of the first line.
 *
 * @param file what the text is called in errors
 * @param files what the Corefile imports, see {@link serversOf}
 * @throws CausewayError COREFILE_ZONE_TAKEN where another block has the zone, COREFILE_MARKS_DAMAGED, COREFILE_INVALID
 */
export function install(
  text: string,
  stanza: Stanza,
  file = 'Corefile',
  files: ReadonlyMap<string, string> = new Map(),
): string {
  const marked = markedLines(text, file);
  requireFree(outside(text, file), stanza, files);
  const lineEnd = marked?.lineEnd ?? /\r?\n/.exec(text)?.[0] ?? '\n';
  const lines = stanzaText(stanza).replaceAll('\n', lineEnd);
  const installed = marked === undefined ? appended(text, lines, lineEnd) : replaced(text, marked, lines);
  refuseInside(installed, file);
  return installed;
}

/**
 * The Corefile as it was before {@link install}; a text without our marks is given back as it is.
 *
 * @throws CausewayError COREFILE_MARKS_DAMAGED, COREFILE_INVALID
 */
export function remove(text: string, file = 'Corefile'): string {
  const marked = markedLines(text, file);
  outside(text, file);
  return marked === undefined ? text : without(text, marked);
}

/**
 * The text with our lines as they were in a former one, or without them where that had none. What others wrote since
 * then stays, be it as broken as it likes.
 *
 * @throws CausewayError COREFILE_MARKS_DAMAGED, COREFILE_INVALID where words and comments cannot be told apart
 */
export function restore(text: string, former: string, file = 'Corefile'): string {
  const marked = markedLines(text, file);
  const before = markedLines(former, file);
  if (marked === undefined) return text;
  if (before === undefined) return without(text, marked);
  const lines = former.slice(before.start, before.end).replace(/\r?\n$/, '');
  return replaced(text, marked, lines);
}

function without(text: string, { start, end, lineEnd, closed }: Marked): string {
  const before = text.slice(0, start);
  // The last line had no line end before ours came behind it.
  if (!closed && before.endsWith(lineEnd)) return before.slice(0, -lineEnd.length);
  return before + text.slice(end);
}

/**
 * Where the last line has no line end, the stanza brings one along and has none itself: that is how {@link remove} can
 * tell.
 */
function appended(text: string, lines: string, lineEnd: string): string {
  return text === '' || text.endsWith('\n') ? text + lines + lineEnd : text + lineEnd + lines;
}

function replaced(text: string, { start, end, closed }: Marked, lines: string): string {
  const lineEnd = closed ? (/\r?\n$/.exec(text.slice(start, end))?.[0] ?? '') : '';
  return text.slice(0, start) + lines + lineEnd + text.slice(end);
}

/**
 * Makes sure that no block has the stanza's zone.
 *
 * @param others what stands outside our own lines: of the text itself, or of the Corefile that imports it
 * @param files what it imports, see {@link serversOf}
 * @throws CausewayError COREFILE_ZONE_TAKEN with the line of the block that has it, COREFILE_INVALID
 */
export function requireFree(
  others: Corefile,
  { zone, port }: Stanza,
  files: ReadonlyMap<string, string> = new Map(),
): void {
  const taken = serversOf(others, files).servers.find(server => claims(server, zone, port));
  if (taken === undefined) return;
  throw new CausewayError(
    'COREFILE_ZONE_TAKEN',
    `${taken.file}:${taken.line}: found a block for ${zone} that Causeway does not manage (${taken.keys.join(' ')}); ` +
      'CoreDNS takes one block for a zone: remove it, or keep it and install nothing',
  );
}

/** Marks may have been moved into a block, and a block without braces takes in all that follows it. */
function refuseInside(text: string, file: string): void {
  const marked = markedLines(text, file);
  const { entries } = readCorefile(text, file);
  const around = entries.find(
    entry => marked !== undefined && entry.start < marked.start && entry.end > marked.start,
  );
  if (around === undefined) return;
  const braces = around.kind !== 'server' || around.braces;
  throw invalid(
    around,
    braces ? 'our marks inside a block' : 'a block without braces, which takes in all that follows it',
    braces ? 'move them out of it, marks and all' : 'put { behind its zone and } at its end',
  );
}
