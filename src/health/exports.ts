import { several } from '../base/several.ts';
import type { Finding } from '../views/finding.ts';
import type { Status } from '../views/status.ts';
import type { Leadership } from './leadership.ts';
import type { ConflictsPage } from './pages.ts';

/** Services told by name; more than these are only counted. */
const NAMED = 3;

/** How many exports are in trouble; undefined: the leader could not be asked. */
export function exportsOf(leadership: Leadership): Status['exports'] {
  const page = conflictsOf(leadership);
  return page && { conflicts: page.conflicts.length, invalid: page.invalidExports.length };
}

export function exportFindings(leadership: Leadership): Finding[] {
  const page = conflictsOf(leadership);
  if (page === undefined) return [];
  return [
    of(
      'exports.conflict',
      'conflict',
      page.conflicts,
      'make the exports agree: the oldest one holds until then',
    ),
    of(
      'exports.invalid',
      'invalid export',
      page.invalidExports,
      'see the condition Valid of the ServiceExport',
    ),
  ];
}

function conflictsOf(leadership: Leadership): ConflictsPage | undefined {
  if (leadership.basis !== 'asked' || 'unknown' in leadership.replica.conflicts) return undefined;
  return leadership.replica.conflicts.value;
}

type Trouble = ConflictsPage['conflicts'][number];

function of(check: string, what: string, troubles: readonly Trouble[], remedy: string): Finding {
  const common = { check, about: 'exports' };
  if (troubles.length === 0) return { ...common, verdict: 'good', found: `no ${what}` };
  const named = troubles
    .slice(0, NAMED)
    .map(({ namespace, name, message }) => `${namespace}/${name}: ${message}`);
  const more = troubles.length > NAMED ? `; and ${troubles.length - NAMED} more` : '';
  const count = several(troubles.length, what);
  return { ...common, verdict: 'warning', found: `${count}: ${named.join('; ')}${more}`, remedy };
}
