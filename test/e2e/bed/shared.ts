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
 * them. A suite that works in namespaces of its own needs to clean up nothing but what it started itself.
 */
export async function sharedBed(): Promise<Bed> {
  const bed = Bed.at(inject('bed'));
  await bed.restore();
  return bed;
}
