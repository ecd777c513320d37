/** A command of a page, and what it prints there. */
export interface Typed {
  readonly command: string;
  readonly output: string;
}

/** A part of a page: text as it is, or a block of commands. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'console'; readonly typed: readonly Typed[] };

const BLOCK = /^```console\n(.*?)^```$/gms;

/** The parts of a Markdown page, in order; together they are the page. */
export function partsOf(page: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const block of page.matchAll(BLOCK)) {
    parts.push({ kind: 'text', text: page.slice(end, block.index) });
    parts.push({ kind: 'console', typed: typedIn(block[1] ?? '') });
    end = block.index + block[0].length;
  }
  return [...parts, { kind: 'text', text: page.slice(end) }];
}

export function pageOf(parts: readonly Part[]): string {
  return parts
    .map(part =>
      part.kind === 'text'
        ? part.text
        : `\`\`\`console\n${part.typed.map(({ command, output }) => `$ ${command}\n${output}`).join('')}\`\`\``,
    )
    .join('');
}

function typedIn(block: string): Typed[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map(text => {
      const end = text.indexOf('\n');
      return { command: text.slice(0, end), output: text.slice(end + 1) };
    });
}

/**
 * Whether two outputs of a command say the same, but for what differs from run to run: times, numbers, addresses, the
 * random part of names, the width of columns, the order in which things that go on side by side are done, what is told
 * of a step that takes long, and which cluster is drawn for one query.
 */
export function sameButForChance(one: string, other: string): boolean {
  return settled(one) === settled(other);
}

function settled(output: string): string {
  const lines = output
    .split('\n')
    .filter(line => !line.startsWith('… '))
    .map(line =>
      line
        .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
        .replaceAll(/-[a-z0-9]{6,10}-[a-z0-9]{5}\b/g, '-POD')
        .replaceAll(/[█▏▎▍▌▋▊▉]+/g, '█')
        .replace(/^(\s+\S+ +\d+ +A +\S+).*/, '$1')
        .replaceAll(/\d+(?:\.\d+)?/g, '0')
        .replaceAll(/[ \t]+/g, ' '),
    );
  return [...new Set(lines)].sort().join('\n');
}
