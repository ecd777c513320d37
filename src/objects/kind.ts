import type { Problems } from './problem.ts';
import type { MeshObject } from './shapes.ts';

/** One kind of object that Causeway reads: the shape of each file that is listed in `index.ts`. */
export interface KindReader {
  readonly kind: MeshObject['kind'];
  /** The versions that are read alike; the first is the one to recommend. */
  readonly apiVersions: readonly [string, ...string[]];
  /** Cuts the raw object down. Undefined: it is left out, and `problems` says why. Never throws. */
  read(raw: unknown, problems: Problems): MeshObject | undefined;
}
