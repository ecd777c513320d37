import type { Known } from '../base/known.ts';
import { several } from '../base/several.ts';
import { PARTLY_IGNORED } from '../objects/names.ts';
import type { Finding } from '../views/finding.ts';
import type { Status } from '../views/status.ts';
import type { Leadership } from './leadership.ts';
import type { ConflictsPage } from './pages.ts';

/** Services told by name; more than these are only counted. */
const NAMED = 3;

/** Of what can be wrong with exports: its check, what one is called, and what to do. */
const KINDS = [
  {
    check: 'exports.conflict',
    what: 'conflict',
    remedy: 'make the exports agree: the oldest one holds until then',
    of: ({ conflicts }: ConflictsPage) => conflicts,
  },
  {
    check: 'exports.invalid',
    what: 'invalid export',
    remedy: 'see the condition Valid of the ServiceExport',
    of: ({ invalidExports }: ConflictsPage) => invalidExports,
  },
  {
    check: 'exports.unready',
    what: 'unready export',
    remedy:
      'see the condition Ready of the ServiceExport: until it is True, not every cluster gets it that should',
    // An older controller does not tell them.
    of: ({ unreadyExports }: ConflictsPage) => unreadyExports,
  },
  {
    check: 'exports.ignored',
    what: 'partly ignored export',
    remedy: `correct what the condition ${PARTLY_IGNORED} of the ServiceExport names`,
    of: ({ partlyIgnoredExports }: ConflictsPage) => partlyIgnoredExports,
  },
] as const;

/** What is wrong with exports in one way; `named`: which exports, and why; empty where there are none. */
export interface ExportTrouble {
  readonly check: (typeof KINDS)[number]['check'];
  /** `1 conflict`, or `no conflict`. */
  readonly count: string;
  readonly named: string;
  readonly remedy: string;
}

/** How many exports are in trouble; undefined: the leader could not be asked. */
export function exportsOf(leadership: Leadership): Status['exports'] {
  const page = pageOf(leadership);
  if ('unknown' in page) return undefined;
  const { conflicts, invalidExports, unreadyExports, partlyIgnoredExports } = page.value;
  return {
    conflicts: conflicts.length,
    invalid: invalidExports.length,
    ...(unreadyExports === undefined ? {} : { unready: unreadyExports.length }),
    ...(partlyIgnoredExports === undefined ? {} : { partlyIgnored: partlyIgnoredExports.length }),
  };
}

export function exportFindings(leadership: Leadership): Finding[] {
  const troubles = exportTroubles(leadership);
  return ('unknown' in troubles ? [] : troubles.value).map(({ check, count, named, remedy }) => {
    const common = { check, about: 'exports' };
    if (named === '') return { ...common, verdict: 'good', found: count };
    return { ...common, verdict: 'warning', found: `${count}: ${named}`, remedy };
  });
}

/** What the leading controller says of the exports of its cluster; all ways in which they can be wrong. */
export function exportTroubles(leadership: Leadership): Known<readonly ExportTrouble[]> {
  const page = pageOf(leadership);
  if ('unknown' in page) return page;
  const value = KINDS.flatMap(({ check, what, remedy, of }) => {
    const troubles = of(page.value);
    if (troubles === undefined) return [];
    const count = troubles.length === 0 ? `no ${what}` : several(troubles.length, what);
    return [{ check, count, named: namesOf(troubles), remedy }];
  });
  return { value };
}

function pageOf(leadership: Leadership): Known<ConflictsPage> {
  switch (leadership.basis) {
    case 'asked':
      return leadership.replica.conflicts;
    case 'lease':
      return { unknown: `${leadership.leader} leads, and could not be asked` };
    case 'none':
      return { unknown: leadership.reason };
  }
}

function namesOf(troubles: ConflictsPage['conflicts']): string {
  const named = troubles
    .slice(0, NAMED)
    .map(({ namespace, name, message }) => `${namespace}/${name}: ${message}`);
  const more = troubles.length > NAMED ? `; and ${troubles.length - NAMED} more` : '';
  return `${named.join('; ')}${more}`;
}
