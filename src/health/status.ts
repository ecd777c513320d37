import type { Status } from '../views/status.ts';
import { componentFindings, componentOf } from './components.ts';
import type { StatusFacts } from './facts.ts';

/** What the facts mean. Nothing in it is good that was not looked at. */
export function statusOf({ context, namespace, components }: StatusFacts): Status {
  return {
    context,
    components: components.map(componentOf),
    findings: components.flatMap(facts => componentFindings(facts, namespace)),
  };
}

/** Whether all that was looked at is as it should be, and all of it could be looked at. */
export function isWell({ findings }: Status): boolean {
  return findings.every(({ verdict }) => verdict === 'good' || verdict === 'warning');
}
