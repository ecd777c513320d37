import { PARTLY_IGNORED } from '../objects/names.ts';
import type { Condition } from '../objects/shapes.ts';
import type { Finding, Verdict } from '../views/finding.ts';

/** By the type of the condition. */
const CHECKS = {
  Valid: 'export.valid',
  Ready: 'export.ready',
  Conflict: 'export.conflict',
  [PARTLY_IGNORED]: 'export.ignored',
} as const;

/** What the conditions of a ServiceExport mean for whoever asked for it; none: no controller has spoken yet. */
export function exportConditionFindings(about: string, conditions: readonly Condition[]): Finding[] {
  if (conditions.length === 0) {
    const found = 'the controller has said nothing of it yet';
    const remedy = 'see `causeway status`, and ask again with --wait';
    return [{ check: 'export.ready', about, verdict: 'unknown', found, remedy }];
  }
  return Object.entries(CHECKS).flatMap(([type, check]) => {
    const condition = conditions.find(held => held.type === type);
    return condition === undefined ? [] : [conditionFinding(check, about, condition)];
  });
}

/** Whether the controller has published it. */
export function isPublished(conditions: readonly Condition[]): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

function conditionFinding(
  check: string,
  about: string,
  { type, status, reason, message }: Condition,
): Finding {
  return {
    check,
    about,
    verdict: verdictOf(type, status),
    found: `${type} is ${status} (${reason}): ${message}`,
  };
}

/** With a conflict, and where a part is ignored, the export holds, though not in all that it says. */
function verdictOf(type: string, status: Condition['status']): Verdict {
  if (status === 'Unknown') return 'unknown';
  if (type === 'Conflict' || type === PARTLY_IGNORED) return status === 'True' ? 'warning' : 'good';
  return status === 'True' ? 'good' : 'bad';
}
