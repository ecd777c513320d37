import { objectKey } from '../base/name.ts';
import type { MergedService, MeshChange } from '../mesh/model.ts';
import { type Labels, labelsOfText } from '../wire/name.ts';
import { fixedNodes, startOfAuthority } from './apex.ts';
import type { NodeMap, ServiceOptions } from './names.ts';
import { EMPTY_NODE, type Node, type RecordSet } from './node.ts';
import { type ServiceReasons, serviceReasons } from './reasons.ts';
import { serviceNodes } from './service.ts';

/** Settings of a zone. */
export interface ZoneOptions extends Omit<ServiceOptions, 'owner' | 'origin'> {
  /** Name of the zone in presentation form: `clusterset.local`. */
  readonly origin: string;
  /** Canonical addresses of `ns.dns.<zone>`. */
  readonly nameserverAddresses: readonly string[];
}

/**
 * One state of one service. Whoever made something from it keeps this and not the entry, to be told by `Zone.isCurrent`
 * when it is outdated: an entry holds all endpoints and names, and would live as long as the smallest thing made from
 * it.
 */
export interface ServiceVersion {
  readonly key: string;
  readonly namespace: string;
}

/** One service in the zone. A change replaces the whole entry. */
export interface ServiceEntry {
  readonly version: ServiceVersion;
  readonly service: MergedService;
  /** Built when first asked for: most of 100,000 services never are, and their names would cost more than they do. */
  nodes: NodeMap | undefined;
}

/** What a name is. `node` undefined: it does not exist. `entry`: the service that it belongs to. */
export interface Found {
  readonly node: Node | undefined;
  readonly entry: ServiceEntry | undefined;
}

const NOT_FOUND: Found = { node: undefined, entry: undefined };

/**
 * The zone: names to records, patched service by service. It holds no clock; whoever applies a change says when it is.
 *
 *     apex, dns, ns.dns, dns-version, svc, pod         fixed
 *     <namespace>.svc                                  empty, where the namespace exists
 *     [<endpoint or port> .] <service>.<namespace>.svc from the service's entry
 */
export class Zone {
  readonly origin: Labels;
  readonly ttl: number;
  readonly #options: ZoneOptions;
  readonly #fixed: ReadonlyMap<string, Node>;
  readonly #services = new Map<string, ServiceEntry>();
  #namespaces: ReadonlySet<string> = new Set();
  #serial = 0;
  #synced = false;
  #soa: RecordSet;

  constructor(options: ZoneOptions) {
    this.origin = labelsOfText(options.origin);
    this.ttl = options.ttl;
    this.#options = options;
    this.#fixed = fixedNodes(options.ttl, options.nameserverAddresses);
    this.#soa = startOfAuthority(this.#serial, this.ttl);
  }

  /** False until the first full load: until then a name that is not known is not known not to exist. */
  get synced(): boolean {
    return this.#synced;
  }

  get serial(): number {
    return this.#serial;
  }

  get size(): { services: number; namespaces: number } {
    return { services: this.#services.size, namespaces: this.#namespaces.size };
  }

  /** Those in which there can be names. */
  get namespaces(): ReadonlySet<string> {
    return this.#namespaces;
  }

  /** The SOA set; the owner is the apex. */
  get soa(): RecordSet {
    return this.#soa;
  }

  markSynced(): void {
    this.#synced = true;
  }

  /**
   * Applies what changed. The serial becomes the time of the change, or one more than the last where several changes
   * fall into one second, so that it always moves with the data (RFC 1982 arithmetic lets it pass 2106). It does not
   * move without: it would take the negative answers with it.
   */
  apply(change: MeshChange, unixSeconds: number): void {
    if (change.services.size === 0 && change.namespaces === this.#namespaces) return;
    for (const [key, service] of change.services) {
      if (service === undefined) this.#services.delete(key);
      else {
        const version = { key, namespace: service.namespace };
        this.#services.set(key, { version, service, nodes: undefined });
      }
    }
    this.#namespaces = change.namespaces;
    this.#serial = Math.max(unixSeconds, this.#serial + 1) >>> 0;
    this.#soa = startOfAuthority(this.#serial, this.ttl);
  }

  /** True as long as the service is what it was, and its namespace exists. */
  isCurrent(version: ServiceVersion): boolean {
    return this.#services.get(version.key)?.version === version && this.#namespaces.has(version.namespace);
  }

  /**
   * Looks a name up.
   *
   * @param labels relative to the zone, leftmost first, case folded
   */
  find(labels: Labels): Found {
    const depth = labels.length;
    // A dot inside a label is an octet like any other, but no name of ours holds one, and the maps below join by dots.
    if (labels.some(label => label.includes('.'))) return NOT_FOUND;
    if (labels[depth - 1] !== 'svc' || depth === 1)
      return { node: this.#fixed.get(labels.join('.')), entry: undefined };
    const namespace = labels[depth - 2] ?? '';
    if (!this.#namespaces.has(namespace)) return NOT_FOUND;
    if (depth === 2) return { node: EMPTY_NODE, entry: undefined };
    const entry = this.#services.get(objectKey(namespace, labels[depth - 3] ?? ''));
    if (entry === undefined) return NOT_FOUND;
    entry.nodes ??= this.#nodesOf(entry.service);
    return { node: entry.nodes.get(labels.slice(0, depth - 3).join('.')), entry };
  }

  /** Why a service is answered as it is. Computed anew: only people ask. */
  reasons({ service }: ServiceEntry): ServiceReasons {
    return serviceReasons(service, this.#optionsOf(service));
  }

  /** Every name but the apex's SOA, as it stands now: for a zone transfer. Later changes do not reach into it. */
  snapshot(): Iterable<[Labels, Node]> {
    const entries = [...this.#services.values()].filter(entry =>
      this.#namespaces.has(entry.service.namespace),
    );
    return this.#walk(entries);
  }

  *#walk(entries: readonly ServiceEntry[]): Generator<[Labels, Node]> {
    for (const [name, node] of this.#fixed) yield [labelsOfText(name), node];
    for (const { service, nodes } of entries) {
      const owner = ownerOf(service);
      for (const [name, node] of nodes ?? this.#nodesOf(service))
        yield [[...labelsOfText(name), ...owner], node];
    }
  }

  #nodesOf(service: MergedService): NodeMap {
    return serviceNodes(service, this.#optionsOf(service));
  }

  #optionsOf(service: MergedService): ServiceOptions {
    return { ...this.#options, owner: ownerOf(service), origin: this.origin };
  }
}

function ownerOf(service: MergedService): Labels {
  return [service.name, service.namespace, 'svc'];
}
