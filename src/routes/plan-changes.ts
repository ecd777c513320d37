import { newIn } from '../base/new-in.ts';
import type { Entry, KernelState } from './entry.ts';
import type { Plan, Planned, PlannedEntries } from './plan.ts';

/** Of two plans what they have not in common. */
export interface PlanChanges {
  /** As it is in the kernel where that is as the earlier plan has it. */
  readonly before: KernelState;
  readonly after: PlannedEntries;
}

/** At the cost of what has changed: of thousands of peers one moves at a time. */
export function changesBetween(earlier: Plan, later: Plan): PlanChanges {
  const before = new Map<string, Entry>();
  const entries = new Map<string, Planned>();
  for (const { key, entry } of newIn(earlier.parts, later.parts).flat()) before.set(key, entry);
  for (const planned of newIn(later.parts, earlier.parts).flat()) entries.set(planned.key, planned);
  return { before, after: { entries } };
}
