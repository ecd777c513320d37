/**
 * What the house rules look at in a TypeScript file. Regular expressions, not a parser: the compiler has checked the
 * syntax before, and a parser would take longer to load than all rules take to run.
 */

/** One import or re-export. */
export interface Import {
  /** As written: `./name.ts`, `node:net`, `valibot`. */
  readonly target: string;
  readonly typeOnly: boolean;
  /** Loaded when it is asked for, or in a thread: not with the file that names it. */
  readonly late: boolean;
}

const statement = String.raw`^(?:import|export)\s+(?:(type)\s)?(?:[\w*\s{},]+?\sfrom\s+)?'([^']+)'`;
/** `import('./a.ts')`, and `new URL('./a.ts', import.meta.url)`, which is how a worker is loaded. */
const expression = String.raw`\bimport\(\s*'([^']+)'|\bnew URL\(\s*'(\.[^']+\.ts)'`;
const importPattern = new RegExp(`${statement}|${expression}`, 'gm');

export function importsOf(text: string): Import[] {
  return [...text.matchAll(importPattern)].map(([, type, from, late, worker]) => ({
    target: from ?? late ?? worker ?? '',
    typeOnly: type !== undefined,
    late: from === undefined,
  }));
}

const comment = String.raw`\/\/[^\n]*|\/\*[\s\S]*?\*\/`;
const quoted = String.raw`'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"`;
const template = '`(?:\\\\.|[^`\\\\])*`';
/** A regular expression can stand where an operand is expected; elsewhere `/` divides. */
const pattern = String.raw`(?<=(?:[=(,:;!&|?{}[]|=>|\breturn)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/\w*`;
const notCode = new RegExp([comment, quoted, template, pattern].join('|'), 'g');

/** The text without comments and without what stands in strings; the expressions inside templates stay. */
export function codeOf(text: string): string {
  return text.replaceAll(notCode, literal => {
    if (!literal.startsWith('`')) return ' ';
    return [...literal.matchAll(/\$\{([^}]*)\}/g)].map(([, expression]) => ` ${expression} `).join(';');
  });
}
