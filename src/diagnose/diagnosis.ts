import { CausewayError } from '../base/errors.ts';
import { countsOf, type Diagnose } from '../views/diagnose.ts';
import type { Facts } from './facts.ts';
import { CHECKS, FAMILIES } from './index.ts';

/** What the chosen checks say of the facts. */
export function diagnosisOf(facts: Facts, chosen: ReadonlySet<string>): Diagnose {
  const findings = FAMILIES.flatMap(({ judge }) => judge(facts)).filter(({ check }) => chosen.has(check));
  const clusters = facts.clusters.map(({ context, reach, api }) => ({
    context,
    server: reach.server,
    reached: 'value' in api,
  }));
  return { clusters, findings, counts: countsOf(findings) };
}

/**
 * Names of checks.
 *
 * @param only glob over them: `tls.*`, `cidr.across`, `tls`; undefined: all of them
 * @throws CausewayError SETTING_INVALID where no check has such a name
 */
export function chosenChecks(only: string | undefined): ReadonlySet<string> {
  if (only === undefined) return new Set(CHECKS);
  const pattern = only
    .split('*')
    .map(part => part.replaceAll(/[^\w-]/g, '\\$&'))
    .join('.*');
  // The name of a family is that of all its checks.
  const fits = new RegExp(`^${pattern}(?:\\..*)?$`);
  const chosen = CHECKS.filter(check => fits.test(check));
  if (chosen.length > 0) return new Set(chosen);
  throw new CausewayError(
    'SETTING_INVALID',
    `--only: no check is named ${JSON.stringify(only)}; there are ${CHECKS.join(', ')}`,
  );
}
