import type { SourceFile } from './import-graph.ts';

/** What ties a file to the machine it was written on. It would be wrong, or out of reach, everywhere else. */
const ties: readonly { readonly what: string; readonly found: RegExp }[] = [
  { what: 'a path of one machine', found: /(?<![\w./*-])\/(?:root|work|home\/\w+|Users\/\w+)\/[\w.-]*/ },
  {
    what: 'a package registry other than the public ones',
    found:
      /https?:\/\/(?!registry\.npmjs\.org\b|proxy\.golang\.org\b)[\w.-]*\b(?:registry|mirror|proxy|goproxy|npm|artifactory|nexus|verdaccio)\b[\w.-]*[/:]/,
  },
  { what: 'a registry setting', found: /^\s*(?:registry|proxy|https-proxy|_auth\w*)\s*=/m },
];

/** Each line says the file, what was found in it, and the rule. */
export function machineTies(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    ties.flatMap(({ what, found }) => {
      const hit = found.exec(text)?.[0];
      return hit === undefined
        ? []
        : [`${path}: names ${what} (${hit.trim()}); the tree must work on any machine`];
    }),
  );
}
