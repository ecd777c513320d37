import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Commands } from '../kernel/commands.ts';
import { readHost } from '../kernel/host.ts';
import { Keeper, type Pass, type Wanted } from '../kernel/keeper.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Monitor } from '../kernel/monitor.ts';
import { Tunnels } from '../kernel/tunnels.ts';
import type { ApiClient } from '../kube/client.ts';
import type { ClusterRoutes } from '../objects/cluster-routes.ts';
import type { PublishedNode } from '../objects/node-annotations.ts';
import type { Part } from '../ops/lifecycle.ts';
import type { Logger } from '../ops/log.ts';
import { clusterRoutes } from '../routes/cluster-routes.ts';
import { notesOn } from '../routes/local.ts';
import { macOf } from '../routes/mac.ts';
import type { Marks } from '../routes/model.ts';
import { type TunnelReport, tunnelReports } from '../routes/tunnel-report.ts';
import { Abilities } from './abilities.ts';
import { ClusterView } from './cluster-view.ts';
import { PassLog } from './pass-log.ts';
import { Probes, type ProbingParts } from './probes.ts';
import { Publisher } from './publisher.ts';
import { Speaking, type SpeakingParts } from './speaking.ts';
import { Tally } from './tally.ts';
import { type RouteSettings, wantedOf } from './wanted.ts';

export interface AgentOptions {
  readonly client: ApiClient;
  readonly commands: Commands;
  readonly kernel: Kernel;
  readonly marks: Marks;
  /** Calls back when something in the kernel may have changed. */
  readonly monitor: (changed: () => void) => Monitor;
  readonly settings: RouteSettings;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Seconds since the epoch. */
  readonly unixSeconds: () => number;
  /** Undefined: paths to other clusters are not probed. */
  readonly probing: ProbingParts | undefined;
  readonly speaking: SpeakingParts;
  readonly log: Logger;
}

/** Seconds; without any news the kernel is looked at every half minute. */
const LONGEST_WITHOUT_SYNC = 300;

/**
 * The routing agent of one node:
 *
 *     local API server ─► ClusterView ─┐
 *     devices of the host ─────────────┼─► wantedOf ─► Keeper ─► kernel
 *     the kernel's own news ───────────┘      │      └─► Speaking ─► BIRD
 *                                             └─► Publisher ─► annotations of the Node
 *                                                     ▲ Probes ◄─► nodes of other clusters
 *
 * Any news make it look at all of it again. Ending it changes nothing in the kernel.
 */
export class Agent implements Part {
  readonly name = 'agent';
  readonly tally = new Tally();
  /** Undefined: paths are not probed. */
  readonly probes: Probes | undefined;
  readonly speaking: Speaking;
  readonly tunnels: Tunnels;
  readonly #options: AgentOptions;
  readonly #view: ClusterView;
  readonly #keeper: Keeper;
  readonly #publisher: Publisher;
  readonly #passLog: PassLog;
  readonly #abilities: Abilities;
  readonly #firstPass = Promise.withResolvers<void>();
  #monitor: Monitor | undefined;
  #known: Wanted | undefined;
  /** Undefined before the first pass. */
  #routes: ReadonlyMap<string, ClusterRoutes> | undefined;
  /** What keeps what is wanted from being known, though all has been read. */
  #missing: string | undefined;

  constructor(options: AgentOptions) {
    const { client, kernel, marks, settings, clock, random, log, probing, speaking } = options;
    this.#options = options;
    this.#passLog = new PassLog(log);
    this.#abilities = new Abilities(options.commands, marks, what => log.warn(what));
    this.#view = new ClusterView({
      client,
      nodeName: settings.nodeName,
      // A look that comes to nothing would put off the first that does.
      changed: () => this.#view.incomplete === undefined && this.#keeper.changed(),
      log,
    });
    this.#publisher = new Publisher({
      client,
      clock,
      random,
      log,
      node: () => this.#view.ownNode,
      published: () => this.#known && this.#toPublish(this.#known),
      nodes: () => this.#view.nodes.size,
    });
    this.probes =
      probing &&
      new Probes({
        ...probing,
        clock,
        random,
        log,
        published: () => this.#view.ownNode?.dataPath,
        changed: () => this.#publisher.news(),
      });
    this.speaking = new Speaking({
      ...speaking,
      ...{ marks, clock, random, log },
      changed: () => this.#tellRoutes(),
    });
    this.tunnels = new Tunnels({
      commands: options.commands,
      kernel,
      marks,
      folder: settings.stateFolder,
      clock,
      unixSeconds: options.unixSeconds,
      announced: () => this.#view.ownNode?.wireguardNextPublicKey,
      changed: () => this.#keeper.changed(),
      stepped: phase => log.info({ phase }, 'the WireGuard key of this node changes'),
      renewed: (device, keys) => this.#passLog.peersRenewed(device, keys),
      failed: reason => this.#passLog.tunnelsFailed(messageOf(reason)),
    });
    this.#keeper = new Keeper({
      kernel,
      marks,
      clock,
      random,
      wanted: () => this.#wanted(),
      passed: pass => this.#passed(pass),
      failed: (reason, retryIn) => {
        this.tally.failed();
        this.#passLog.failed(messageOf(reason), retryIn);
      },
    });
  }

  /** Resolves when the kernel is as it shall be for the first time. */
  async start(): Promise<void> {
    await this.tunnels.start();
    this.#view.start();
    this.#monitor = this.#options.monitor(() => this.#keeper.news());
    await this.#firstPass.promise;
  }

  async stop(): Promise<void> {
    this.#firstPass.resolve();
    this.#monitor?.stop();
    this.probes?.stop();
    await Promise.all([
      this.tunnels.stop(),
      this.#view.stop(),
      this.#keeper.stop(),
      this.speaking.stop(),
      this.#publisher.stop(),
    ]);
    this.#options.client.close();
  }

  /** Undefined: nothing speaks against it being ready. */
  get reasonAgainst(): string | undefined {
    const { lastFullSync } = this.tally;
    if (lastFullSync === undefined)
      return this.#view.incomplete ?? this.#missing ?? 'the kernel is not yet as it shall be';
    const seconds = this.#options.unixSeconds() - lastFullSync;
    if (seconds < LONGEST_WITHOUT_SYNC) return undefined;
    const why = this.#missing ?? 'the log says what is refused';
    return `the kernel was last as it shall be ${Math.round(seconds)} s ago: ${why}`;
  }

  /** What is known of the tunnels of the last pass. */
  get tunnelReports(): readonly TunnelReport[] {
    const plan = this.tally.last?.plan;
    return plan === undefined ? [] : tunnelReports(plan, this.tunnels.judged, this.#options.unixSeconds());
  }

  get cluster(): string | undefined {
    return this.#view.clusterId;
  }

  get nodeName(): string {
    return this.#options.settings.nodeName;
  }

  #passed(pass: Pass): void {
    this.tally.take(pass, this.#options.unixSeconds());
    this.#passLog.passed(pass);
    this.speaking.take(pass);
    if (this.#known !== undefined) this.probes?.take(pass.plan, this.#known.local);
    this.#tellRoutes();
    if (pass.refused.length === 0) this.#firstPass.resolve();
  }

  #tellRoutes(): void {
    const plan = this.tally.last?.plan;
    if (plan === undefined || this.#known === undefined) return;
    const standing = { tunnels: this.tunnelReports, sessions: this.speaking.sessions };
    this.#routes = clusterRoutes(plan, this.#known.policies, standing);
    this.#publisher.news();
  }

  async #wanted(): Promise<Wanted | undefined> {
    const { commands, settings, marks } = this.#options;
    // The informers say in the log what keeps them.
    if (this.#view.incomplete !== undefined) return undefined;
    const found = wantedOf(this.#view, await readHost(commands), settings, marks);
    if (typeof found === 'string') {
      this.#missing = found;
      this.#passLog.waiting(found);
      return undefined;
    }
    this.#passLog.noted(notesOn(found.local, settings.overrides));
    const wanted = await this.tunnels.of(await this.#abilities.of(found));
    this.#missing = undefined;
    this.#known = wanted;
    this.#publisher.news();
    return wanted;
  }

  #toPublish(known: Wanted): PublishedNode {
    const paths = this.probes?.toPublish(known) ?? new Map();
    // As the one before this process said, until it is known better.
    const routes = this.#routes ?? this.#view.ownNode?.routes;
    return {
      ...publishedOf(known.local),
      ...this.tunnels.published,
      ...(paths.size === 0 ? {} : { dataPath: paths }),
      ...(routes === undefined || routes.size === 0 ? {} : { routes }),
    };
  }
}

/** What the nodes of other clusters have to know of this one. */
function publishedOf({ cluster, uid, underlay, source }: Wanted['local']): PublishedNode {
  return {
    underlayAddresses: [underlay.IPv4, underlay.IPv6].filter(address => address !== undefined),
    mtu: underlay.mtu,
    vtepMAC: macOf(cluster, uid),
    podNetworkAddresses: Object.values(source),
  };
}
