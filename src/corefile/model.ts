import { CausewayError } from '../base/errors.ts';

/** Where something stands. `start` and `end` count UTF-16 units of the text; `line` is that of `start`, from 1. */
export interface Place {
  /** The name that the text was read under: `Corefile`, or the key of a ConfigMap that it imports. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/** One word as CoreDNS reads it: without its quotes. */
export interface Word extends Place {
  readonly text: string;
}

/** A comment, from its `#` to where CoreDNS takes up reading again. */
export interface Comment extends Place {
  readonly text: string;
}

/** One line of a block, with the block that it may open: a plugin, an option of a plugin, an `import`. */
export interface Directive extends Place {
  readonly name: Word;
  readonly words: readonly Word[];
  /** Undefined: it opens no block. */
  readonly inner: readonly Directive[] | undefined;
}

/** `zone, zone { … }`. */
export interface ServerBlock extends Place {
  readonly kind: 'server';
  readonly keys: readonly Word[];
  readonly directives: readonly Directive[];
  /** False: it has no braces and takes all that follows it. */
  readonly braces: boolean;
}

/** `(name) { … }`, which `import name` repeats. */
export interface Snippet extends Place {
  readonly kind: 'snippet';
  readonly name: string;
  readonly directives: readonly Directive[];
}

/** `import` of files or of a snippet, outside all blocks. */
export interface TopImport extends Place {
  readonly kind: 'import';
  readonly pattern: Word;
}

export type Entry = ServerBlock | Snippet | TopImport;

/** A text that CoreDNS's parser takes. */
export interface Corefile {
  readonly file: string;
  readonly text: string;
  /** In the order of the text. */
  readonly entries: readonly Entry[];
  readonly comments: readonly Comment[];
}

/** The error of a text that CoreDNS would refuse: where, what was found, what to do. */
export function invalid(
  { file, line }: Pick<Place, 'file' | 'line'>,
  found: string,
  remedy: string,
): CausewayError {
  return new CausewayError('COREFILE_INVALID', `${file}:${line}: found ${found}; ${remedy}`);
}

/** A word as an error shows it: quoted, and not the megabyte that it may be. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
