import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { Finding, findingLines } from './finding.ts';

/** What `causeway coredns install` and `causeway coredns remove` print. */
export const CoreDnsChange = v.strictObject({
  /** As the kubeconfig calls the cluster. */
  context: v.string(),
  zone: v.string(),
  /** Nothing was written: the changes are those that would come. */
  dryRun: v.boolean(),
  /** One for each Corefile: that of CoreDNS, and that of NodeLocal DNSCache where it is there. */
  changes: v.array(
    v.strictObject({
      /** `kube-system/coredns` */
      configMap: v.string(),
      key: v.string(),
      change: v.picklist(['created', 'changed', 'removed', 'unchanged']),
      /** As `diff -u`; empty where nothing changes. */
      diff: v.string(),
    }),
  ),
  /** Whether the former texts were put back, because a pod did not take up the new ones. */
  rolledBack: v.boolean(),
  /** How each pod took it, and what became of it. */
  findings: v.array(Finding),
});

export type CoreDnsChange = v.InferOutput<typeof CoreDnsChange>;

export function coreDnsChangeText(
  { changes, findings, rolledBack, dryRun }: CoreDnsChange,
  style: Style,
): string {
  const texts = changes.map(({ configMap, key, change, diff }) => {
    const name = `${configMap}/${key}`;
    if (change === 'unchanged') return `${name}: ${style.faint(change)}\n`;
    return `${coloured(diff, style)}${name}: ${outcome(change, rolledBack, dryRun, style)}\n`;
  });
  return [...texts, ...(findings.length === 0 ? [] : ['\n']), findingLines(findings, style)].join('');
}

function outcome(change: string, rolledBack: boolean, dryRun: boolean, style: Style): string {
  if (rolledBack) return style.bad(`${change}, and put back as it was`);
  return dryRun ? `would be ${change}` : style.good(change);
}

function coloured(diff: string, style: Style): string {
  return diff.replaceAll(/^[-+].*$/gm, line => (line.startsWith('+') ? style.good(line) : style.bad(line)));
}
