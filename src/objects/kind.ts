import type { Problems } from './problem.ts';
import type { MeshObject } from './shapes.ts';

/** How one kind of object is read. Those that may stand in a directory are listed in `index.ts`. */
export interface KindReader<T = MeshObject> {
  readonly kind: string;
  /** The versions that are read alike; the first is the one to recommend. */
  readonly apiVersions: readonly [string, ...string[]];
  /** Cuts the raw object down. Undefined: it is left out, and `problems` says why. Never throws. */
  read(raw: unknown, problems: Problems): T | undefined;
}
