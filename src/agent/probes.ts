import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { AddressFamily } from '../base/ip.ts';
import type { Wanted } from '../kernel/keeper.ts';
import type { DataPath } from '../objects/node-annotations.ts';
import type { Logger } from '../ops/log.ts';
import { pathsToPublish } from '../paths/publication.ts';
import { targetsOf } from '../paths/target.ts';
import { explain } from '../paths/words.ts';
import type { Answered, Asker } from '../probe/asker.ts';
import type { PathProbe } from '../probe/path-probe.ts';
import { Prober } from '../probe/prober.ts';
import { Responder } from '../probe/responder.ts';
import type { Plan } from '../routes/plan.ts';
import { DeadEnds } from './dead-ends.ts';

export interface ProbingParts {
  /** Of UDP and TCP; the same in all clusters. */
  readonly port: number;
  /** 64 bits that nobody can guess. */
  readonly nonce: () => bigint;
  readonly asker: (answered: Answered) => Asker;
}

export interface ProbesOptions extends ProbingParts {
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly log: Logger;
  /** What the Node says of the paths. */
  readonly published: () => ReadonlyMap<string, DataPath> | undefined;
  /** There may be something else to publish. */
  readonly changed: () => void;
}

/** This node's part of the probes: asks the nodes that there are routes to, and answers them. */
export class Probes {
  readonly port: number;
  readonly #options: ProbesOptions;
  readonly #prober: Prober;
  readonly #responder: Responder;
  readonly #deadEnds: DeadEnds;
  #planned = false;

  constructor(options: ProbesOptions) {
    const { clock, random, nonce, asker, port, published, log } = options;
    this.port = port;
    this.#options = options;
    this.#deadEnds = new DeadEnds(clock, () => this.#options.changed());
    this.#prober = new Prober({
      clock,
      random,
      nonce,
      asker,
      published: () => published() ?? new Map(),
      changed: path => this.#changed(path),
    });
    this.#responder = new Responder({
      clock,
      port,
      failed: (address, reason) =>
        log.error(
          { address, port, reason: messageOf(reason) },
          'cannot answer the probes of other clusters; to them the paths to this node look dead',
        ),
    });
  }

  /** The kernel has been brought to a plan. */
  take(plan: Plan, { uid, source }: Wanted['local']): void {
    const families = Object.keys(source) as AddressFamily[];
    this.#prober.probe({ own: uid, sources: source, targets: targetsOf(plan.peers, families) });
    this.#deadEnds.take(plan);
    this.#responder.at(Object.values(source));
    this.#planned = true;
    this.#options.changed();
  }

  /** What the Node is to say of the paths. */
  toPublish({ policies, synced }: Pick<Wanted, 'policies' | 'synced'>): ReadonlyMap<string, DataPath> {
    return pathsToPublish({
      published: this.#options.published() ?? new Map(),
      asked: new Map([...this.#deadEnds.clusters, ...this.#prober.verdicts()]),
      clusters: this.#planned ? new Set(policies.map(({ cluster }) => cluster)) : undefined,
      synced,
    });
  }

  get paths(): readonly PathProbe[] {
    return [...this.#prober.paths.values()];
  }

  /** The addresses at which probes are answered. */
  get listening(): readonly string[] {
    return this.#responder.listening;
  }

  /** Clusters of which no node can be reached in any way. */
  get withoutWay(): readonly string[] {
    return [...this.#deadEnds.clusters.keys()];
  }

  stop(): void {
    this.#prober.stop();
    this.#deadEnds.stop();
    this.#responder.stop();
  }

  #changed({ path: { cluster, family }, state: { verdict, finding } }: PathProbe): void {
    const { log, changed } = this.#options;
    if (finding === undefined) log.info({ cluster, family, verdict }, 'packets get through to the cluster');
    else log.warn({ cluster, family, verdict, finding }, explain(finding, this.port));
    changed();
  }
}
