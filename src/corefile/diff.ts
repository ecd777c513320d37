/** Unchanged lines shown around what changes, as `diff -u` does. */
const AROUND = 3;

/**
 * What changes between two texts, as `diff -u` writes it, with everything from the first changed line to the last as
 * one hunk. That is the smallest such text for one changed block, which is all that `install` and `remove` make.
 *
 * @returns an empty text for two equal ones
 */
export function unifiedDiff(before: string, after: string, name = 'Corefile'): string {
  if (before === after) return '';
  const [old, now] = [linesOf(before), linesOf(after)];
  const most = Math.min(old.length, now.length);
  let head = 0;
  while (head < most && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const start = Math.max(0, head - AROUND);
  const shownTail = Math.min(tail, AROUND);
  const [oldEnd, nowEnd] = [old.length - tail, now.length - tail];
  return [
    `--- ${name}\n+++ ${name}\n`,
    `@@ -${range(start, oldEnd + shownTail)} +${range(start, nowEnd + shownTail)} @@\n`,
    ...old.slice(start, head).map(line => entry(' ', line)),
    ...old.slice(head, oldEnd).map(line => entry('-', line)),
    ...now.slice(head, nowEnd).map(line => entry('+', line)),
    ...old.slice(oldEnd, oldEnd + shownTail).map(line => entry(' ', line)),
  ].join('');
}

/** Lines with their line ends. */
function linesOf(text: string): readonly string[] {
  return text.split(/(?<=\n)/).filter(line => line !== '');
}

/** First line from 1, and how many; of none it is the line before them. */
function range(start: number, end: number): string {
  return `${end === start ? start : start + 1},${end - start}`;
}

function entry(sign: string, line: string): string {
  return line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`;
}
