import { inject } from 'vitest';
import { Bed } from './bed.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the bed. */
    readonly bed: string;
  }
}

/**
 * The bed that all suites share: clusters `east`, `west` and `north`, running, whatever the suite before has done to
 * them, and without pods that run. A suite that works in namespaces of its own needs to clean up nothing but what it
 * started itself.
 */
export async function sharedBed(): Promise<Bed> {
  const bed = Bed.at(inject('bed'));
  // Where deploy/ is applied, it would run beside the programs that the suites start themselves.
  await Promise.all(bed.clusters.map(({ node }) => node.stop()));
  await bed.restore();
  return bed;
}
