import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

/** The page every benchmark's table goes to. */
const PAGE = new URL('../docs/benchmarks.md', import.meta.url);

/** Puts `table` into docs/benchmarks.md, in the place of the table called `name`. */
export function writeReport(name: string, table: string): void {
  writeFileSync(PAGE, replaceBetween(readFileSync(PAGE, 'utf8'), name, table));
}

/** Replaces what stands between the marks `<!-- name begin -->` and `<!-- name end -->`. */
export function replaceBetween(page: string, name: string, body: string): string {
  const begin = `<!-- ${name} begin -->`;
  const end = `<!-- ${name} end -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from === -1 || to === -1) {
    throw new Error(`writing docs/benchmarks.md: found no lines "${begin}" and "${end}"; put them back`);
  }
  return `${page.slice(0, from + begin.length)}\n\n${body.trim()}\n\n${page.slice(to)}`;
}

/** One line saying when and on what a table was measured: numbers without it cannot be compared. */
export function describeMachine(now: Date): string {
  const all = cpus();
  const model = all[0]?.model.trim() ?? 'unknown processor';
  return (
    `${now.toISOString().slice(0, 10)}, ${all.length} × ${model}, ` +
    `Linux ${release()}, Node ${process.versions.node}`
  );
}
