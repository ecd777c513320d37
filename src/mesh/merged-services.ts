import { sameData } from './equal.ts';
import type { MergedService, MeshSizes } from './model.ts';

/** The services of a cluster set as they were last told to whoever makes records of them. */
export class MergedServices {
  readonly #told = new Map<string, MergedService>();
  /** Keys of those to be told even if they come out the same. */
  readonly #again = new Set<string>();
  #endpoints = 0;

  /**
   * Merges anew what was touched, and returns what came out different.
   *
   * @param touched keys; those that are merged are taken out
   * @param merge undefined: there is no such service
   * @param most services merged at once; what is left over stays touched
   */
  flush(
    touched: Set<string>,
    merge: (key: string) => MergedService | undefined,
    most = Number.POSITIVE_INFINITY,
  ): Map<string, MergedService | undefined> {
    const services = new Map<string, MergedService | undefined>();
    let room = most;
    for (const key of touched) {
      if (room-- === 0) break;
      touched.delete(key);
      const before = this.#told.get(key);
      const after = merge(key);
      const again = this.#again.delete(key);
      if (sameData(before, after) && !again) continue;
      if (after) this.#told.set(key, after);
      else this.#told.delete(key);
      this.#endpoints += endpointsOf(after) - endpointsOf(before);
      services.set(key, after);
    }
    return services;
  }

  /** Whatever is merged next of what was told is told again: it is the same, but means something else now. */
  tellAgain(): void {
    for (const key of this.#told.keys()) this.#again.add(key);
  }

  get(key: string): MergedService | undefined {
    return this.#told.get(key);
  }

  keys(): Iterable<string> {
    return this.#told.keys();
  }

  values(): Iterable<MergedService> {
    return this.#told.values();
  }

  get sizes(): MeshSizes {
    return { services: this.#told.size, endpoints: this.#endpoints };
  }
}

function endpointsOf(service: MergedService | undefined): number {
  const slices = service?.clusters.flatMap(cluster => cluster.slices) ?? [];
  return slices.reduce((count, slice) => count + slice.endpoints.length, 0);
}
