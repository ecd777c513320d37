import { describe, expect, test } from 'vitest';
import { planService } from '../../src/desired/plan.ts';
import { exported, OLD } from '../kit/exported.ts';
import {
  conditionLines,
  objectsOf,
  settledPlan,
  statusOf,
  TOOLS,
  type ViewOptions,
  viewOf,
} from '../kit/plan.ts';

const DERIVED = 'derived-8ja62ka59m';
const SLICE = 'addressType: IPv4, ports: [{name: http, port: 8080}], endpoints: [{addresses: [10.1.0.1]}]';
const SPEC = 'clusterIP: 10.0.0.1, ipFamilies: [IPv4], ports: [{name: http, port: 80}]';

/** One export of the cluster `east`, seen from `west`. */
function planned(parts: Parameters<typeof exported>[0], options?: ViewOptions) {
  return settledPlan(viewOf({ east: exported({ spec: SPEC, at: OLD, slices: [SLICE], ...parts }) }, options));
}

function importOf(plan: ReturnType<typeof planned>, key = 'shop/payments') {
  return objectsOf(plan, 'ServiceImport')[key] as
    | { spec: Record<string, unknown>; metadata: object }
    | undefined;
}

describe('addresses and families', () => {
  const dual = 'ports: [{port: 80}], ipFamilies: [IPv4, IPv6]';
  const only6 = 'ports: [{port: 80}], ipFamilies: [IPv6]';
  test.each([
    {
      row: 'B11 headless has no address',
      spec: `clusterIP: None, ${dual}`,
      ips: undefined,
      families: ['IPv4', 'IPv6'],
    },
    { row: 'B13 dual stack', spec: dual, ips: ['10.96.0.1', 'fd00:96::1'], families: ['IPv4', 'IPv6'] },
    {
      row: 'B14 only what this cluster can have',
      spec: dual,
      local: ['IPv6'] as const,
      ips: ['fd00:96::1'],
      families: ['IPv6'],
    },
    {
      row: 'B12 the first family stays, whatever order the exports come to prefer',
      spec: dual,
      held: ['fd00:96::9'],
      ips: ['fd00:96::9'],
      families: ['IPv6'],
    },
    {
      row: 'B13 an address that is about to go is not told any more',
      spec: only6,
      held: ['fd00:96::9', '10.96.0.9'],
      ips: ['fd00:96::9'],
      families: ['IPv6'],
    },
  ])('$row', ({ spec, local, held, ips, families }) => {
    const plan = planned(
      { spec, slices: [] },
      {
        ...(local === undefined ? {} : { localFamilies: local }),
        ...(held === undefined ? {} : { derivedIPs: new Map([[DERIVED, held]]) }),
      },
    );
    const { spec: found } = importOf(plan) ?? {};
    expect({ ips: found?.['ips'], families: found?.['ipFamilies'] }).toEqual({ ips, families });
    expect(plan.complete).toBe(true);
  });

  test('the policy of the derived Service goes by the number of families', () => {
    const specs = [dual, only6].map(
      spec => Object.values(objectsOf(planned({ spec }), 'Service'))[0]?.['spec'],
    );
    expect(specs).toMatchObject([
      { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4', 'IPv6'] },
      { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] },
    ]);
  });

  test.each([
    { row: 'ClusterSetIP', spec: only6, ips: undefined, families: undefined },
    { row: 'Headless', spec: `clusterIP: None, ${only6}`, ips: undefined, families: ['IPv6'] },
  ])('B15 families that nobody here can reach: $row', ({ spec, ips, families }) => {
    const plan = planned({ spec }, { localFamilies: ['IPv4'] });
    const { spec: found } = importOf(plan) ?? {};
    expect({ ips: found?.['ips'], families: found?.['ipFamilies'] }).toEqual({ ips, families });
    expect(conditionLines(statusOf(plan, 'ServiceImport'))).toEqual(['Ready=False/IPFamilyNotSupported']);
    expect(objectsOf(plan, 'Service')).toEqual({});
  });

  test('until the address is assigned there is no import, and nothing is removed', () => {
    const view = viewOf({ east: exported({ spec: SPEC, at: OLD, slices: [SLICE] }) });
    const plan = planService(view, TOOLS);
    expect(plan.complete).toBe(false);
    expect(plan.objects.map(({ kind }) => kind).sort()).toEqual([
      'EndpointSlice',
      'ExportedService',
      'Service',
    ]);
    expect(plan.statuses).toEqual([]);
  });

  test('a first address of a family that is gone goes, with the import, before another comes', () => {
    const view = viewOf(
      { east: exported({ spec: only6 }) },
      { derivedIPs: new Map([[DERIVED, ['10.96.0.9']]]) },
    );
    const plan = planService(view, TOOLS);
    expect(plan.complete).toBe(true);
    expect([objectsOf(plan, 'Service'), objectsOf(plan, 'ServiceImport')]).toEqual([{}, {}]);
  });
});
