import type { Responder, ResponderOptions } from '../../src/answer/responder.ts';
import type { Mesh } from '../../src/mesh/mesh.ts';
import type { MergedService, MeshChange } from '../../src/mesh/model.ts';
import { Zone, type ZoneOptions } from '../../src/records/zone.ts';
import { ask, type Decoded, type DnsRecord, NOW_SECONDS, responderOf, zoneLines } from './dns.ts';
import { meshOf, objectsOf } from './mesh.ts';
import type { QueryOptions, TypeText } from './packet.ts';

type AskOptions = QueryOptions & Pick<Parameters<typeof ask>[3] & object, 'client'>;

export interface ClusterSetOptions extends Partial<ZoneOptions> {
  readonly responder?: Partial<ResponderOptions>;
  /** False: more may come before the first load is over. */
  readonly synced?: boolean;
  /** Says of each merged service what no YAML can: clusterset IPs, derived IPs. */
  readonly assign?: (service: MergedService) => MergedService;
}

/**
 * The way from YAML to answers as `causeway dns` wires it up, without files and sockets; each change goes all of it.
 */
export class ClusterSet {
  readonly mesh: Mesh;
  readonly zone: Zone;
  readonly responder: Responder;
  readonly #assign: (service: MergedService) => MergedService;

  constructor(yamlByCluster: Readonly<Record<string, string>>, options: ClusterSetOptions = {}) {
    const { responder, synced = true, assign, ...zoneOptions } = options;
    const { mesh, change, problems } = meshOf(yamlByCluster, { localCluster: options.localCluster });
    if (problems.length > 0) throw new Error(`bad fixture: ${JSON.stringify(problems)}`);
    this.mesh = mesh;
    this.zone = new Zone({
      origin: 'clusterset.local',
      ttl: 5,
      localCluster: undefined,
      backends: 'service',
      clusterNames: false,
      nameserverAddresses: ['192.0.2.53', '2001:db8::53'],
      ...zoneOptions,
    });
    this.responder = responderOf(this.zone, responder);
    this.#assign = assign ?? (service => service);
    this.#apply(change);
    if (synced) this.zone.markSynced();
  }

  put(cluster: string, yaml: string): void {
    for (const object of objectsOf(yaml).objects) this.mesh.put(cluster, object);
    this.#apply(this.mesh.flush());
  }

  remove(cluster: string, yaml: string): void {
    for (const object of objectsOf(yaml).objects) this.mesh.remove(cluster, object);
    this.#apply(this.mesh.flush());
  }

  setServing(cluster: string, serving: boolean): void {
    this.mesh.setServing(cluster, serving);
    this.#apply(this.mesh.flush());
  }

  /** @param name relative to the zone, or absolute with a dot at its end; `@` is the apex */
  ask(name: string, type: TypeText, options: AskOptions = {}): Decoded {
    return ask(this.responder, absoluteName(name), type, options);
  }

  /** The answer section, or the response code where it is empty. */
  answer(name: string, type: TypeText, options: AskOptions = {}): string[] {
    const { answers, rcode } = this.ask(name, type, options);
    return answers.length > 0 ? relativeLines(answers) : [rcode];
  }

  #apply(change: MeshChange): void {
    const services = [...change.services].map(
      ([key, service]) => [key, service && this.#assign(service)] as const,
    );
    this.zone.apply({ ...change, services: new Map(services) }, NOW_SECONDS);
  }
}

export function absoluteName(name: string): string {
  if (name === '@') return 'clusterset.local.';
  return name.endsWith('.') ? name : `${name}.clusterset.local.`;
}

/** Lines as they stand in a zone file below `$ORIGIN clusterset.local.`, the class left out, sorted. */
export function relativeLines(records: readonly DnsRecord[]): string[] {
  return zoneLines(records).map(line =>
    line.replaceAll('.clusterset.local.', '').replaceAll('clusterset.local.', '@').replace(' IN ', ' '),
  );
}
