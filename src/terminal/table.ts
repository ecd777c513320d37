/** Two spaces, as kubectl has it: three would widen every table for nothing. */
const GAP = '  ';

/**
 * Rows in columns that are as wide as their widest cell; the last one is not padded. Line ends in a cell become spaces;
 * escape sequences of colours count as nothing.
 *
 * @param head names of the columns; undefined: none are printed
 */
export function table(head: readonly string[] | undefined, rows: readonly (readonly string[])[]): string {
  const cells = rows.map(row => row.map(cell => cell.replaceAll(/\s*[\r\n]\s*/g, ' ')));
  const lines = head === undefined ? cells : [head, ...cells];
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map(line => widthOf(line[column] ?? ''))),
  );
  return lines
    .map(line =>
      line.map((cell, column) => padded(cell, column < line.length - 1 ? (widths[column] ?? 0) : 0)),
    )
    .map(cells => `${cells.join(GAP).trimEnd()}\n`)
    .join('');
}

/** Of a colour: the one control character that `visible` has not taken out is style.ts's own. */
const ESCAPE = /\p{Cc}\[[0-9;]*m/gu;

/** Columns that a text takes on a terminal; names in Kubernetes and our own words are one column per character. */
export function widthOf(text: string): number {
  return [...text.replace(ESCAPE, '')].length;
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
}
