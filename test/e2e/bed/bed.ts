import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeNow, undoAtEnd } from '../kit/leftovers.ts';
import { installCauseway } from './causeway-install.ts';
import { Cluster } from './cluster.ts';
import { ensureNodes } from './pods.ts';

const names = ['east', 'west', 'north', 'south', 'middle', 'coast', 'hills', 'river', 'woods'];

/** Clusters that stand beside each other, each in a folder of one. */
export class Bed {
  readonly clusters: readonly Cluster[];
  readonly #folder: string;

  private constructor(folder: string, clusters: readonly Cluster[]) {
    this.#folder = folder;
    this.clusters = clusters;
  }

  /**
   * Clusters that run and hold nothing yet but their Nodes.
   *
   * @param folder must not exist
   * @param count 1 to 9 clusters: east, west, north, …
   */
  static async create(folder: string, count: number): Promise<Bed> {
    await mkdir(folder, { recursive: true });
    const chosen = names.slice(0, count);
    const starting = chosen.map((name, index) => Cluster.create(join(folder, name), name, index + 1));
    const started = await Promise.allSettled(starting);
    const bed = Bed.at(folder);
    try {
      for (const one of started) if (one.status === 'rejected') throw one.reason;
      await bed.start();
    } catch (error) {
      await bed.remove();
      throw error;
    }
    return bed;
  }

  /** The bed of a folder, whoever started it. */
  static at(folder: string): Bed {
    const folders = names.map(name => join(folder, name)).filter(Cluster.isAt);
    return new Bed(folder, folders.map(Cluster.at));
  }

  static isAt(folder: string): boolean {
    return existsSync(folder) && readdirSync(folder).length > 0;
  }

  cluster(name: string): Cluster {
    const found = this.clusters.find(cluster => cluster.name === name);
    if (found === undefined) throw new Error(`the bed has no cluster ${name}`);
    return found;
  }

  /** Whatever was done to it: all clusters run again. */
  async start(): Promise<void> {
    await Promise.all(
      this.clusters.map(async cluster => {
        await cluster.start();
        await ensureNodes(cluster);
      }),
    );
  }

  /** They run again and have what a controller needs. Objects of tests stay. */
  async restore(): Promise<void> {
    await this.start();
    await Promise.all(this.clusters.map(cluster => installCauseway(cluster)));
  }

  /** Has pods run in all clusters. Harmless where they do. */
  async startNodes(): Promise<void> {
    await Promise.all(this.clusters.map(({ node }) => node.start()));
  }

  /** Ends everything and removes its folder. */
  async remove(): Promise<void> {
    await Promise.all(this.clusters.map(cluster => cluster.remove()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  /**
   * Has the bed of a folder end with this process, however that ends.
   * @returns to be called when it has been removed before
   */
  static endWithProcess(folder: string): () => void {
    return undoAtEnd(() => {
      for (const cluster of Bed.at(folder).clusters) cluster.killNow();
      removeNow(folder);
    });
  }
}
