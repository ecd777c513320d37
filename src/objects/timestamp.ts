import { type Problems, show } from './problem.ts';

const RFC3339 = /^(\d{4}-\d\d-\d\d)[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** The last moment that `timestampText` can write. */
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * The time at which an export was asked for, in milliseconds since the epoch; one that is none is a warning, and
 * absent. No cluster is older than 1970, and the way back to a text ends with the year 9999.
 */
export function readTimestamp(value: unknown, field: string, problems: Problems): number | undefined {
  if (value === undefined || value === null) return undefined;
  const day = typeof value === 'string' ? RFC3339.exec(value)?.[1] : undefined;
  const time = isDay(day) && typeof value === 'string' ? Date.parse(value.toUpperCase()) : Number.NaN;
  if (time >= 0 && time <= LATEST) return time;
  const must = 'must be an RFC 3339 time (2026-01-31T12:00:00Z)';
  return problems.warn(field, `found ${show(value)}: ${must}; the export counts as the youngest`);
}

/** RFC 3339, of a time that `readTimestamp` has read. */
export function timestampText(time: number): string {
  return new Date(time).toISOString();
}

/** `Date.parse` takes 30 February for 2 March, so the day has to survive the way there and back. */
function isDay(day: string | undefined): boolean {
  return day !== undefined && new Date(day).getUTCDate() === Number(day.slice(-2));
}
