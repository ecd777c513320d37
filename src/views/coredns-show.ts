import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { Finding, findingLines } from './finding.ts';

/** What `causeway coredns show` prints. */
export const CoreDnsShow = v.strictObject({
  /** As the kubeconfig calls the cluster. */
  context: v.string(),
  zone: v.string(),
  /** ClusterIPs of causeway-dns, which the zone shall be forwarded to; with ports where they are not 53. */
  addresses: v.array(v.string()),
  /** Why it is not known which they are. */
  unknown: v.optional(v.string()),
  corefiles: v.array(
    v.strictObject({
      /** That the pods start with: `kube-system/coredns`. */
      configMap: v.string(),
      key: v.string(),
      /** What kind of Corefile it is, which says where the stanza belongs. */
      dialect: v.picklist(['stock', 'coredns-custom', 'nodelocal', 'openshift']),
      /** Where the stanza is, or is to be: `kube-system/coredns-custom/clusterset.server`. */
      stanza: v.string(),
      /** The blocks that answer the zone as the text stands. Absent: the text does not parse. */
      answers: v.optional(
        v.array(
          v.strictObject({ configMap: v.string(), key: v.string(), line: v.number(), block: v.string() }),
        ),
      ),
    }),
  ),
  replicas: v.array(
    v.strictObject({
      pod: v.string(),
      node: v.optional(v.string()),
      /** The ConfigMap that it starts with. */
      configMap: v.string(),
      /** In the Corefile that it has at work, whatever the ConfigMap says by now. */
      stanza: v.picklist(['present', 'absent', 'unknown']),
      reason: v.optional(v.string()),
    }),
  ),
  findings: v.array(Finding),
});

export type CoreDnsShow = v.InferOutput<typeof CoreDnsShow>;

export function coreDnsShowTable(shown: CoreDnsShow, style: Style): string {
  const { zone, corefiles, replicas, findings } = shown;
  const blocks = corefiles.flatMap(({ configMap, key, stanza, answers }) => {
    const name = `${configMap}/${key}`;
    if (answers === undefined) return [[name, '?', '-', stanza]];
    if (answers.length === 0) return [[name, 'none', '-', stanza]];
    return answers.map(one => [name, one.block, `${one.key}:${one.line}`, stanza]);
  });
  const pods = replicas.map(({ pod, node, configMap, stanza }) => [pod, node ?? '-', configMap, stanza]);
  return [
    `${style.strong(zone)} is to be forwarded to ${targetOf(shown)}\n\n`,
    ...(blocks.length === 0
      ? []
      : [table(['COREFILE', 'ANSWERED BY', 'AT', 'STANZA BELONGS IN'], blocks), '\n']),
    ...(pods.length === 0 ? [] : [table(['POD', 'NODE', 'COREFILE', 'STANZA'], pods), '\n']),
    findingLines(findings, style),
  ].join('');
}

function targetOf({ addresses, unknown }: CoreDnsShow): string {
  if (unknown !== undefined) return 'causeway-dns, whose ClusterIP is not known';
  return addresses.length === 0 ? 'nobody: there is no ClusterIP of causeway-dns' : addresses.join(', ');
}
