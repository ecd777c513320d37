import type { Clock } from '../base/clock.ts';
import type { DataPath } from '../objects/node-annotations.ts';
import { pathKey, pathsOf } from '../paths/choice.ts';
import { verdictOfAll } from '../paths/publication.ts';
import type { Target } from '../paths/target.ts';
import type { Answered, Asker, Sources } from './asker.ts';
import { PathProbe } from './path-probe.ts';

export interface ProberOptions {
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** 64 bits that nobody can guess. */
  readonly nonce: () => bigint;
  readonly asker: (answered: Answered) => Asker;
  /** What the node said of its paths before, by cluster. */
  readonly published: () => ReadonlyMap<string, DataPath>;
  /** A path has another verdict. */
  readonly changed: (path: PathProbe) => void;
}

/** Who asks, from where, and who may be asked. */
export interface Probing {
  /** The uid of this node. */
  readonly own: string;
  readonly sources: Sources;
  readonly targets: readonly Target[];
}

/** Asks a few nodes of every cluster all the time, and says to which packets get through. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #asker: Asker;
  #paths = new Map<string, PathProbe>();
  #byAddress = new Map<string, PathProbe>();

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#asker = options.asker((address, size, nonce) =>
      this.#byAddress.get(address)?.answered(address, size, nonce),
    );
  }

  /** From now on this is how it is. Paths that were there before go on. */
  probe({ own, sources, targets }: Probing): void {
    this.#asker.from(sources);
    const before = this.#paths;
    this.#paths = new Map();
    for (const [key, path] of pathsOf(own, targets)) {
      const existing = before.get(key);
      existing?.follow(path);
      this.#paths.set(key, existing ?? this.#begin(path));
      before.delete(key);
    }
    for (const gone of before.values()) gone.stop();
    this.#byAddress = new Map(
      [...this.#paths.values()].flatMap(path => path.path.ranking.map(({ address }) => [address, path])),
    );
  }

  /** By the keys of paths. */
  get paths(): ReadonlyMap<string, PathProbe> {
    return this.#paths;
  }

  /** Every cluster that somebody is asked of, with what came of it so far. */
  verdicts(): Map<string, DataPath | undefined> {
    const found = new Map<string, DataPath | undefined>();
    for (const { path } of this.#paths.values()) {
      const families = (['IPv4', 'IPv6'] as const).flatMap(
        family => this.#paths.get(pathKey({ cluster: path.cluster, family })) ?? [],
      );
      found.set(path.cluster, verdictOfAll(families.map(({ state }) => state.verdict)));
    }
    return found;
  }

  stop(): void {
    for (const path of this.#paths.values()) path.stop();
    this.#paths.clear();
    this.#asker.stop();
  }

  #begin(path: PathProbe['path']): PathProbe {
    const { clock, random, nonce, changed, published } = this.#options;
    const verdict = published().get(path.cluster);
    return new PathProbe({ clock, random, nonce, changed, path, verdict, asker: this.#asker });
  }
}
