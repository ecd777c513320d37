import { expect, test } from 'vitest';
import { exports } from '../../src/diagnose/exports.ts';
import type { ReplicaFacts } from '../../src/diagnose/facts.ts';
import type { ConflictsPage } from '../../src/health/pages.ts';
import { clusterOf, factsOf, said } from '../kit/diagnose-facts.ts';
import { controllerPod } from '../kit/diagnose-running.ts';

const NONE: ConflictsPage = { conflicts: [], invalidExports: [] };
const CHECKS = ['conflict', 'invalid', 'unready', 'ignored'];
const payments = (message: string) => ({ namespace: 'shop', name: 'payments', reason: 'Failed', message });

/** What is said of a cluster whose leading controller has this page. */
function saidOf(conflicts: Extract<ReplicaFacts, { component: 'controller' }>['conflicts']): string[] {
  const leader = { ...controllerPod('causeway-controller-0'), component: 'controller' as const, conflicts };
  return said(exports, factsOf(clusterOf({ replicas: { value: [leader as ReplicaFacts] } })));
}

test.each([
  {
    case: 'all is well',
    page: { value: { ...NONE, unreadyExports: [], partlyIgnoredExports: [] } },
    lines: [
      '✓ exports.conflict east: no conflict',
      '✓ exports.invalid east: no invalid export',
      '✓ exports.unready east: no unready export',
      '✓ exports.ignored east: no partly ignored export',
    ],
  },
  {
    case: 'each way in which exports can be wrong',
    page: {
      value: {
        conflicts: [payments('spec.ports: 1 of 2 exports differ')],
        invalidExports: [{ ...payments('there is no such Service'), cluster: 'east' }],
        unreadyExports: [payments('causeway.dev/export-to is no label selector')],
        partlyIgnoredExports: [payments('found "ten": must be a quoted whole number')],
      },
    },
    lines: [
      '⚠ exports.conflict east: clusters disagree, 1 conflict: shop/payments: spec.ports: 1 of 2 exports differ',
      '⚠ exports.invalid east: exported by no means, 1 invalid export: shop/payments: there is no such Service',
      '⚠ exports.unready east: not exported to all that should get it, 1 unready export: shop/payments: causeway.dev/export-to is no label selector',
      '⚠ exports.ignored east: not all that is asked for holds, 1 partly ignored export: shop/payments: found "ten": must be a quoted whole number',
    ],
  },
  {
    case: 'an older controller, which does not tell all',
    page: { value: NONE },
    lines: [
      '✓ exports.conflict east: no conflict',
      '✓ exports.invalid east: no invalid export',
      '? exports.unready east: the controller is older, and does not say',
      '? exports.ignored east: the controller is older, and does not say',
    ],
  },
  {
    case: 'a page that cannot be had',
    page: { unknown: 'it says 500: oops' },
    lines: CHECKS.map(what => `? exports.${what} east: it says 500: oops`),
  },
])('$case', ({ page, lines }) => {
  expect(saidOf(page)).toEqual(lines);
});

test('where nobody leads nobody says it', () => {
  const facts = factsOf(clusterOf({ replicas: { value: [] }, objects: { leases: { value: [] } } }));
  expect(said(exports, facts)).toEqual(
    CHECKS.map(what => `? exports.${what} east: no controller holds the Lease`),
  );
});
