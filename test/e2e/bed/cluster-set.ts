import { dig, type Reply, sortedData } from '../kit/dig.ts';
import { freePort } from '../kit/ports.ts';
import { waitFor } from '../kit/wait.ts';
import type { Cluster } from './cluster.ts';
import { importLimit } from './look.ts';
import { type ControllerOptions, clusterLocal, joinAll, type Member } from './member.ts';
import { sharedBed } from './shared.ts';

export interface ClusterSetOptions extends ControllerOptions {
  /** CoreDNS also answers for cluster.local, from the cluster itself, as it does everywhere. */
  readonly clusterLocal?: boolean;
}

/** Where a client of a cluster asks. */
interface Names {
  /** Port of CoreDNS. */
  readonly coreDns: number;
  /** Port of the daemon behind it. */
  readonly daemon: number;
}

/**
 * Clusters of the shared bed that import from one another; in each of them the controller, the DNS daemon and the real
 * CoreDNS in front of it.
 */
export class ClusterSet {
  readonly members: readonly Member[];
  readonly #names = new Map<string, Names>();
  readonly #namespaces: string[] = [];

  private constructor(members: readonly Member[]) {
    this.members = members;
  }

  static async form(names: readonly string[], options: ClusterSetOptions = {}): Promise<ClusterSet> {
    const bed = await sharedBed();
    const members = await joinAll(
      names.map(name => bed.cluster(name)),
      options,
    );
    const set = new ClusterSet(members);
    await Promise.all(members.map(member => set.#serve(member, options.clusterLocal ?? false)));
    return set;
  }

  member(name: string): Member {
    const found = this.members.find(member => member.name === name);
    if (found === undefined) throw new Error(`the cluster set has no member ${name}`);
    return found;
  }

  cluster(name: string): Cluster {
    return this.member(name).cluster;
  }

  /** Ports that the clients of a member ask. */
  names(member: string): Names {
    const names = this.#names.get(member);
    if (names === undefined) throw new Error(`nobody answers in ${member}`);
    return names;
  }

  /** What a client of a member gets from CoreDNS; `args` as in `dig`. */
  dig(member: string, args: string): Promise<Reply> {
    return dig(this.names(member).coreDns, args);
  }

  /** The same in a few words: what the records say, sorted, or why there are none, as `NXDOMAIN`. */
  async answer(member: string, args: string): Promise<string> {
    const reply = await this.dig(member, args);
    return reply.answer.length > 0 ? sortedData(reply).join(', ') : reply.status;
  }

  /** Resolves once a client of a member gets that answer. */
  async untilAnswer(member: string, args: string, expected: string | readonly string[]): Promise<void> {
    const text = typeof expected === 'string' ? expected : expected.toSorted().join(', ');
    const look = (): Promise<string> => this.answer(member, args);
    await waitFor(`${member} answers ${args} with ${text}`, look, seen => seen === text, importLimit);
  }

  /**
   * A namespace that nobody else uses, not even an earlier run on a bed that stays; made in the members named, or in
   * all.
   */
  async namespace(prefix: string, members = this.members.map(({ name }) => name)): Promise<string> {
    const name = `${prefix}-${Date.now().toString(36)}${this.#namespaces.length}`;
    this.#namespaces.push(name);
    await Promise.all(members.map(member => this.cluster(member).ensureNamespace(name)));
    return name;
  }

  /** Ends what runs, forgets who is a member and has the namespaces removed. */
  async end(): Promise<void> {
    const metadata = this.#namespaces.map(name => ({ name }));
    await Promise.all(
      this.members.flatMap(({ cluster }) =>
        metadata.map(each => cluster.admin.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: each })),
      ),
    );
    await Promise.all(this.members.map(member => member.leave()));
  }

  async #serve(member: Member, withClusterLocal: boolean): Promise<void> {
    const daemon = await freePort();
    await member.startDns(daemon);
    const further = withClusterLocal ? clusterLocal(await member.cluster.kubeconfig()) : '';
    this.#names.set(member.name, { daemon, coreDns: await member.startCoreDns(daemon, further) });
  }
}
