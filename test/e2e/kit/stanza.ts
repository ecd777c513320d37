import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';

const folder = join(import.meta.dirname, '../../../corefile');

/** Stands in every stanza where the ClusterIP of Causeway's Service has to be filled in. */
export const placeholder = '<CAUSEWAY_CLUSTER_IP>';

/** A file of corefile/ and the Corefile that CoreDNS gets to read when a user pastes it. */
export interface Stanza {
  readonly file: string;
  readonly corefile: (text: string) => string;
}

export const stock: Stanza = { file: 'stock.Corefile', corefile: text => text };
export const nodeLocal: Stanza = { file: 'nodelocaldns.Corefile', corefile: text => text };
export const aks: Stanza = { file: 'aks-coredns-custom.yaml', corefile: importedServers };
export const openShift: Stanza = { file: 'openshift-dns-operator.yaml', corefile: renderedByOperator };

export const stanzas: readonly Stanza[] = [stock, nodeLocal, aks, openShift];

/** The Corefile of a stanza as it stands in the repository, nothing filled in. */
export async function readStanza(stanza: Stanza): Promise<string> {
  return stanza.corefile(await readFile(join(folder, stanza.file), 'utf8'));
}

/** AKS mounts the ConfigMap and imports every key that ends in `.server`. */
function importedServers(text: string): string {
  const configMap = v.parse(v.object({ data: v.record(v.string(), v.string()) }), parse(text));
  const servers = Object.entries(configMap.data).filter(([key]) => key.endsWith('.server'));
  return servers.map(([, server]) => server).join('\n');
}

const wholeSeconds = v.pipe(v.string(), v.regex(/^\d+s$/));
const dnsOperator = v.object({
  spec: v.object({
    cache: v.object({
      positiveTTL: wholeSeconds,
      negativeTTL: wholeSeconds,
    }),
    servers: v.array(
      v.object({
        name: v.string(),
        zones: v.array(v.string()),
        forwardPlugin: v.strictObject({ upstreams: v.array(v.string()) }),
      }),
    ),
  }),
});

/**
 * The server blocks OpenShift's operator generates from its resource. It isn't here to ask, so this is what
 * its template makes of these fields: github.com/openshift/cluster-dns-operator,
 * pkg/operator/controller/controller_dns_configmap.go.
 */
function renderedByOperator(text: string): string {
  const { spec } = v.parse(dnsOperator, parse(text));
  const seconds = (ttl: string): number => Number.parseInt(ttl, 10);
  return spec.servers
    .map(({ name, zones, forwardPlugin }) =>
      [
        `# ${name}`,
        `${zones.map(zone => `${zone}:5353`).join(' ')} {`,
        '    prometheus 127.0.0.1:9153',
        `    forward . ${forwardPlugin.upstreams.join(' ')} {`,
        '        policy random',
        '    }',
        '    errors',
        '    log . {',
        '        class error',
        '    }',
        '    bufsize 1232',
        `    cache ${seconds(spec.cache.positiveTTL)} {`,
        `        denial 9984 ${seconds(spec.cache.negativeTTL)}`,
        '    }',
        '}',
      ].join('\n'),
    )
    .join('\n');
}

/**
 * The same text with the cluster's addresses replaced by the test's. Everything listens on 127.0.0.1 only: a block
 * without `bind` gets one.
 */
export function onLoopback(corefile: string, port: number, upstream: string): string {
  const bound = corefile.includes('\n    bind ') ? '' : '\n    bind 127.0.0.1';
  return corefile
    .replaceAll(placeholder, upstream)
    .replaceAll(/^(\S+):(?:53|5353) \{$/gm, `$1:${port} {${bound}`)
    .replaceAll(/bind 169\.254\.20\.10/g, 'bind 127.0.0.1')
    .replaceAll(/prometheus \S+/g, 'prometheus 127.0.0.1:0');
}
