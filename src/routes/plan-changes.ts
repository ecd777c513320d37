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
  for (const { key, entry } of notIn(later, earlier)) before.set(key, entry);
  for (const planned of notIn(earlier, later)) entries.set(planned.key, planned);
  return { before, after: { entries } };
}

function notIn(other: Plan, { parts }: Plan): Planned[] {
  const known = new Set(other.parts);
  return parts.filter(part => !known.has(part)).flat();
}
