import { CausewayError } from '../base/errors.ts';
import { lex } from './lexer.ts';
import type { Comment } from './model.ts';

export const BEGIN = '# causeway: begin';
export const END = '# causeway: end';
export const MANAGED =
  '# Managed: `causeway coredns install` writes these lines anew, `causeway coredns remove` takes them out.';

/** The lines from mark to mark, whole lines both. */
export interface Marked {
  readonly start: number;
  /** Behind the line end of the last one, if it has one. */
  readonly end: number;
  readonly line: number;
  /** The line end that was written after the first mark. */
  readonly lineEnd: string;
  /** False: the text ends with the last mark, as one that had no line end at its end. */
  readonly closed: boolean;
}

/**
 * Finds our lines in a Corefile, whatever else is in it. A mark is a comment that has its line to itself.
 *
 * @throws CausewayError COREFILE_MARKS_DAMAGED where there is not one begin with one end behind it, COREFILE_INVALID
 *   where words and comments cannot be told apart
 */
export function markedLines(text: string, file: string): Marked | undefined {
  const marks = lex(text, file).comments.flatMap(comment => markOf(comment, text) ?? []);
  const [begin, end] = marks;
  if (begin === undefined) return undefined;
  if (begin.kind === 'end') throw damaged(begin.comment, `${END} without ${BEGIN} before it`);
  if (end === undefined) throw damaged(begin.comment, `${BEGIN} without ${END} behind it`);
  if (end.kind === 'begin') throw damaged(end.comment, `${BEGIN} a second time, before ${END}`);
  const [, , third] = marks;
  if (third !== undefined)
    throw damaged(third.comment, `${third.kind === 'begin' ? BEGIN : END} a second time`);
  const behind = text.indexOf('\n', end.comment.start);
  return {
    start: lineStart(text, begin.comment.start),
    end: behind === -1 ? text.length : behind + 1,
    line: begin.comment.line,
    lineEnd: begin.comment.text.endsWith('\r') ? '\r\n' : '\n',
    closed: behind !== -1,
  };
}

interface Mark {
  readonly kind: 'begin' | 'end';
  readonly comment: Comment;
}

function markOf(comment: Comment, text: string): Mark | undefined {
  const [, kind] = /^#[ \t]*causeway:[ \t]*(begin|end)\b/.exec(comment.text) ?? [];
  const before = text.slice(lineStart(text, comment.start), comment.start);
  if (kind === undefined || before.trim() !== '') return undefined;
  return { kind: kind as Mark['kind'], comment };
}

/** A byte order mark stands before the first line, not in it. */
function lineStart(text: string, at: number): number {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  return start === 0 && text.startsWith('\uFEFF') ? 1 : start;
}

function damaged({ file, line }: Comment, found: string): CausewayError {
  return new CausewayError(
    'COREFILE_MARKS_DAMAGED',
    `${file}:${line}: found ${found}; remove these lines by hand, or put the missing mark back, then try again`,
  );
}
