import type { Condition } from '../objects/shapes.ts';

/** A condition as it shall be; when it became so is worked out against what is. */
export type WantedCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Kubernetes allows 32,768 characters. */
const LONGEST_MESSAGE = 32_000;

/**
 * The conditions to write: just those that are wanted. One whose status stays keeps its time (the API conventions count
 * only a change of status as a transition), so what has not changed is written as it stands.
 *
 * @param now RFC 3339; asked only where a status changes
 */
export function mergeConditions(
  wanted: readonly WantedCondition[],
  actual: readonly Condition[],
  now: () => string,
): readonly Condition[] {
  return wanted.map(({ type, status, reason, message }) => {
    const held = actual.find(condition => condition.type === type);
    const lastTransitionTime = held?.status === status ? held.lastTransitionTime : now();
    return { type, status, reason, message: bounded(message), lastTransitionTime };
  });
}

function bounded(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)}…`;
}
