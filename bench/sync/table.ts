/** One line of a table of figures. */
export interface Row {
  readonly what: string;
  /** With its unit. */
  readonly measured: string;
  readonly target?: { readonly said: string; readonly met: boolean };
}

export function printRows(rows: readonly Row[]): string {
  const lines = rows.map(({ what, measured, target }) => {
    const verdict = target === undefined ? '' : target.met ? 'met' : 'missed';
    return [what, measured, target?.said ?? '', verdict];
  });
  return printCells(['', 'measured', 'target', ''], [':--', '--:', '--:', ':--'], lines);
}

/** Where processor time and memory went: one column per phase, one row per process. */
export interface UsageColumn {
  readonly phase: string;
  /** By process. */
  readonly cells: ReadonlyMap<string, string>;
}

export function printUsage(columns: readonly UsageColumn[]): string {
  const names = [...new Set(columns.flatMap(({ cells }) => [...cells.keys()]))];
  const lines = names.map(name => [name, ...columns.map(({ cells }) => cells.get(name) ?? '')]);
  const head = ['', ...columns.map(({ phase }) => phase)];
  return printCells(
    head,
    head.map((_, index) => (index === 0 ? ':--' : '--:')),
    lines,
  );
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function printCells(
  head: readonly string[],
  rule: readonly string[],
  lines: readonly (readonly string[])[],
): string {
  return [head, rule, ...lines].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}
