import type { MergedService, MeshChange } from '../mesh/model.ts';
import type { Logger } from '../ops/log.ts';
import { type BoundAddress, formatAddress } from '../serve/transport.ts';

/** Tells whoever starts the daemon where it listens, and what to paste to see an answer. */
export class Announcer {
  readonly #log: Logger;
  readonly #zone: string;
  #dns: BoundAddress | undefined;
  #service: MergedService | undefined;

  constructor(log: Logger, zone: string) {
    this.#log = log;
    this.#zone = zone;
  }

  /** One line per address, its protocols together. */
  listening(bound: readonly BoundAddress[]): void {
    this.#dns ??= bound.find(({ protocol }) => protocol === 'udp');
    for (const [address, group] of Map.groupBy(bound, formatAddress)) {
      const protocols = group.map(({ protocol }) => protocol);
      this.#log.info({ protocols }, `listening on ${address}`);
    }
  }

  /** Looks among new services for a better one to show. */
  loaded({ services }: MeshChange): void {
    for (const service of services.values()) {
      if (service !== undefined && (this.#service === undefined || rank(service) < rank(this.#service))) {
        this.#service = service;
      }
    }
  }

  ready(details: Readonly<Record<string, unknown>>): void {
    this.#log.info(details, 'ready');
    if (this.#dns !== undefined) this.#log.info(`try: ${digLine(this.#dns, this.#zone, this.#service)}`);
  }
}

/** The command that asks the daemon at `bound` for a service, or for what every zone has where there is none. */
export function digLine(bound: BoundAddress, zone: string, service: MergedService | undefined): string {
  const address = { '0.0.0.0': '127.0.0.1', '::': '::1' }[bound.address] ?? bound.address;
  const name =
    service === undefined ? `dns-version.${zone} TXT` : `${service.name}.${service.namespace}.svc.${zone}`;
  return `dig @${address} -p ${bound.port} ${name}`;
}

/**
 * Services with several weighted clusters first, since asking one twice shows something; then by namespace and name.
 */
function rank({ namespace, name, clusters }: MergedService): string {
  const weighted = clusters.filter(({ weight = 0 }) => weight > 0).length > 1;
  return `${weighted ? 0 : 1} ${namespace} ${name}`;
}
