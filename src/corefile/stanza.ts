import { CausewayError } from '../base/errors.ts';
import { isLabel } from '../base/name.ts';
import { addressOf } from './address.ts';
import { BEGIN, END, MANAGED } from './marks.ts';
import { type Corefile, type Directive, shown } from './model.ts';
import { answering, listens, pluginsOf, type Server, serversOf } from './servers.ts';
import { holds, zoneName } from './zones.ts';

/**
 * Where the stanza goes: into the Corefile of ConfigMap `coredns`; into a key of its own in ConfigMap `coredns-custom`,
 * where the distribution writes the Corefile itself (AKS, k3s); or into that of NodeLocal DNSCache.
 */
export type Dialect = 'stock' | 'coredns-custom' | 'nodelocal';

/** The key of ConfigMap `coredns-custom` with the stanza: the distributions import those that end in `.server`. */
export const CUSTOM_KEY = 'clusterset.server';

export interface StanzaOptions {
  readonly zone: string;
  /** What to forward to: the ClusterIPs of the Service in front of `causeway dns`, each with a port if it is not 53. */
  readonly addresses: readonly string[];
  readonly dialect: Dialect;
}

/** What a stanza says, down to what it takes over from the Corefile that it goes into. */
export interface Stanza extends StanzaOptions {
  readonly port: string;
  /** The lines of `bind` and of `prometheus` of the block that answers the zone without the stanza. */
  readonly bind: readonly string[];
  readonly prometheus: readonly string[];
}

const METRICS = { stock: ':9153', 'coredns-custom': ':9153', nodelocal: ':9253' } as const;
/** What `forward` needs beside the addresses; corefile/*.Corefile say why. */
const FORWARD_OPTION = {
  stock: 'max_concurrent 1000',
  'coredns-custom': 'max_concurrent 1000',
  nodelocal: 'force_tcp',
} as const;

/**
 * The stanza for a Corefile: on the port, on the addresses and with the metrics of the block that answers the zone so
 * far. On an address that it did not bind the other block would keep the zone; with other words for the same address
 * of metrics CoreDNS would not start.
 *
 * @param corefile what stands outside our own lines
 * @param files what the Corefile imports, see {@link serversOf}
 * @throws CausewayError SETTING_INVALID for a zone or an address that is none, COREFILE_INVALID
 */
export function stanzaFor(
  corefile: Corefile,
  options: StanzaOptions,
  files: ReadonlyMap<string, string> = new Map(),
): Stanza {
  check(options);
  const zone = zoneName(options.zone);
  const parents = serversOf(corefile, files).servers.filter(
    server => !server.zones.some(served => served.zone === zone),
  );
  const port = portOf(parents, zone);
  const [parent] = answering(parents, zone, port);
  const [metrics] = parent === undefined ? [] : pluginsOf(parent, 'prometheus');
  return {
    ...options,
    zone,
    port,
    bind: parent === undefined ? [] : pluginsOf(parent, 'bind').flatMap(written),
    prometheus: metrics === undefined ? [`prometheus ${METRICS[options.dialect]}`] : written(metrics),
  };
}

/** The stanza between its marks, with `\n` at the end of every line but the last. */
export function stanzaText(stanza: Stanza): string {
  const { zone, port, addresses, bind, prometheus, dialect } = stanza;
  const lines = [
    'errors',
    ...bind,
    `forward . ${addresses.join(' ')} {`,
    `    ${FORWARD_OPTION[dialect]}`,
    '}',
    ...prometheus,
  ];
  return [BEGIN, MANAGED, `${zone}:${port} {`, ...lines.map(line => `    ${line}`), '}', END].join('\n');
}

function check({ zone, addresses }: StanzaOptions): void {
  // What is no name would be written into a file that CoreDNS reads, line ends and all.
  if (zoneName(zone).length > 253 || !zoneName(zone).split('.').every(isLabel))
    throw new CausewayError('SETTING_INVALID', `zone: found ${shown(zone)}, must be a DNS name`);
  if (addresses.length === 0)
    throw new CausewayError('SETTING_INVALID', 'addresses: found none, must be one ClusterIP at least');
  const wrong = addresses.find(address => addressOf(address) === undefined);
  if (wrong !== undefined)
    throw new CausewayError(
      'SETTING_INVALID',
      `addresses: found ${shown(wrong)}, must be an IP address, with or without a port`,
    );
}

/** 53, unless plain DNS for the zone is on other ports only, as where CoreDNS runs without privileges. */
export function portOf(servers: readonly Server[], zone: string): string {
  const ports = servers
    .flatMap(({ zones }) => zones)
    .filter(
      served => served.zone !== undefined && holds(served.zone, zone) && listens(served, served.port ?? ''),
    )
    .flatMap(({ port }) => port ?? []);
  return ports.includes('53') ? '53' : (ports[0] ?? '53');
}

/** A directive as lines; a word that CoreDNS would cut in two gets its quotes back. */
function written({ name, words, inner }: Directive): string[] {
  const head = [name, ...words]
    .map(({ text }) => (/^"|[\s#]|^$/.test(text) ? `"${text.replaceAll('"', '\\"')}"` : text))
    .join(' ');
  if (inner === undefined) return [head];
  return [`${head} {`, ...inner.flatMap(written).map(line => `    ${line}`), '}'];
}

/** Which dialect a Corefile of ConfigMap `coredns` or `node-local-dns` asks for. */
export function dialectOf(corefile: Corefile): Dialect {
  const { servers, unseen } = serversOf(corefile);
  const bound = servers.flatMap(server => pluginsOf(server, 'bind')).flatMap(({ words }) => words);
  // The link-local range, or what stands for it until node-local-dns starts.
  if (bound.some(({ text }) => /^169\.254\.|__PILLAR__LOCAL__DNS__/.test(text))) return 'nodelocal';
  return unseen.some(({ text }) => text.endsWith('*.server')) ? 'coredns-custom' : 'stock';
}
