import * as v from 'valibot';
import { isMapping } from './fields.ts';
import type { Condition } from './shapes.ts';

const STATUSES = ['True', 'False', 'Unknown'] as const;

/** More than any object has; whoever may write a status could otherwise make us hold what they like. */
const MOST = 32;

const condition = v.object({
  type: v.string(),
  status: v.picklist(STATUSES),
  reason: v.string(),
  message: v.string(),
  lastTransitionTime: v.string(),
});

/**
 * The conditions in the status of an object. A malformed one counts as absent without a word: it is for its writer to
 * write, and where that is us, it is written anew.
 */
export function conditionsOf(raw: unknown): Condition[] {
  const status = isMapping(raw) ? raw['status'] : undefined;
  const list = isMapping(status) ? status['conditions'] : undefined;
  if (!Array.isArray(list)) return [];
  return list.slice(0, MOST).flatMap(given => {
    const { success, output } = v.safeParse(condition, given);
    if (!success) return [];
    return [output];
  });
}
