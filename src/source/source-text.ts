/** Where objects come from, as `--source` says it. */
export type SourceAddress =
  | { readonly scheme: 'directory'; readonly path: string }
  | { readonly scheme: 'kubernetes' };

/** Completes "must be …". */
export const SOURCE_FORMS = 'directory:PATH, such as directory:mesh, or kubernetes';

/** Undefined: the text names no source. */
export function parseSource(text: string): SourceAddress | undefined {
  if (text === 'kubernetes') return { scheme: 'kubernetes' };
  const [, path] = /^directory:(.+)$/s.exec(text) ?? [];
  return path === undefined ? undefined : { scheme: 'directory', path };
}
