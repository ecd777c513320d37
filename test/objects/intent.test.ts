import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readIntent } from '../../src/objects/intent.ts';
import { Problems } from '../../src/objects/problem.ts';

const NOTHING = { global: false, shared: false, affinity: 'none', syncEndpointSlices: true };
const GLOBAL = { ...NOTHING, global: true, shared: true };

function read(annotations: string) {
  const problems = new Problems(() => 'Service shop/payments');
  return { intent: readIntent(parse(`{${annotations}}`), problems), problems: problems.list() };
}

describe('what the annotations of a Service ask for', () => {
  test.each([
    { row: 'none', annotations: 'team: shop', gives: NOTHING },
    { row: 'global', annotations: 'service.cilium.io/global: "true"', gives: GLOBAL },
    { row: 'global, old name', annotations: 'io.cilium/global-service: "true"', gives: GLOBAL },
    { row: 'global in capitals', annotations: 'service.cilium.io/global: "TRUE"', gives: GLOBAL },
    { row: 'global: false', annotations: 'service.cilium.io/global: "False"', gives: NOTHING },
    {
      row: 'global: the new name goes before the old one',
      annotations: 'io.cilium/global-service: "true", service.cilium.io/global: "false"',
      gives: NOTHING,
    },
    {
      row: 'shared: false takes endpoints and gives none',
      annotations: 'service.cilium.io/global: "true", service.cilium.io/shared: "false"',
      gives: { ...GLOBAL, shared: false },
    },
    {
      row: 'shared: false, old names',
      annotations: 'io.cilium/global-service: "true", io.cilium/shared-service: "false"',
      gives: { ...GLOBAL, shared: false },
    },
    {
      row: 'shared: the new name goes before the old one',
      annotations:
        'service.cilium.io/global: "true", io.cilium/shared-service: "false", service.cilium.io/shared: "true"',
      gives: GLOBAL,
    },
    {
      row: 'shared: true, written out',
      annotations: 'service.cilium.io/global: "true", service.cilium.io/shared: "True"',
      gives: GLOBAL,
    },
    {
      row: 'shared without global shares nothing',
      annotations: 'service.cilium.io/shared: "true"',
      gives: NOTHING,
    },
    {
      row: 'shared with global: false shares nothing',
      annotations: 'service.cilium.io/shared: "true", service.cilium.io/global: "false"',
      gives: NOTHING,
    },
    {
      row: 'affinity local',
      annotations: 'service.cilium.io/affinity: local',
      gives: { ...NOTHING, affinity: 'local' },
    },
    {
      row: 'affinity remote, old name',
      annotations: 'io.cilium/service-affinity: remote',
      gives: { ...NOTHING, affinity: 'remote' },
    },
    {
      row: 'affinity in capitals',
      annotations: 'service.cilium.io/affinity: Local',
      gives: { ...NOTHING, affinity: 'local' },
    },
    {
      row: 'affinity "none" is no affinity',
      annotations: 'service.cilium.io/affinity: "none"',
      gives: NOTHING,
    },
    {
      row: 'affinity "None" is no affinity',
      annotations: 'service.cilium.io/affinity: "None"',
      gives: NOTHING,
    },
    { row: 'empty affinity is no affinity', annotations: 'service.cilium.io/affinity: ""', gives: NOTHING },
    {
      row: 'affinity: the new name goes before the old one, even if it is empty',
      annotations: 'io.cilium/service-affinity: local, service.cilium.io/affinity: ""',
      gives: NOTHING,
    },
    {
      row: 'slices are not synced',
      annotations: 'service.cilium.io/global-sync-endpoint-slices: "false"',
      gives: { ...NOTHING, syncEndpointSlices: false },
    },
    {
      row: 'slices are synced',
      annotations: 'service.cilium.io/global-sync-endpoint-slices: "true"',
      gives: NOTHING,
    },
    {
      row: 'federated, the selector as written',
      annotations: `federation.tigera.io/serviceSelector: " run == 'my-app' "`,
      gives: { ...NOTHING, federationSelector: ` run == 'my-app' ` },
    },
    {
      row: 'federated by what is no selector: for its user to say',
      annotations: 'federation.tigera.io/serviceSelector: ""',
      gives: { ...NOTHING, federationSelector: '' },
    },
  ])('$row', ({ annotations, gives }) => {
    expect(read(annotations)).toEqual({ intent: gives, problems: [] });
  });
});

describe('nonsense is a warning that says what it must be and what holds', () => {
  const truth = 'must be one of "true", "false"; it is ignored, and';
  const globally = 'service.cilium.io/global: "true"';
  test.each([
    {
      name: 'service.cilium.io/global',
      value: '"yes"',
      message: `${truth} the Service stays a local one`,
      gives: NOTHING,
    },
    { name: 'service.cilium.io/global', value: 'true', message: `found true: ${truth}`, gives: NOTHING },
    {
      name: 'service.cilium.io/global',
      value: '" true"',
      message: `found " true": ${truth}`,
      gives: NOTHING,
    },
    { name: 'io.cilium/global-service', value: '""', message: `found "": ${truth}`, gives: NOTHING },
    {
      row: 'nothing is given away by a mistake',
      more: globally,
      name: 'service.cilium.io/shared',
      value: '"no"',
      message: `${truth} the Service is not shared`,
      gives: { ...GLOBAL, shared: false },
    },
    {
      name: 'service.cilium.io/affinity',
      value: 'nearest',
      message: 'must be one of "local", "remote", "none"; it is ignored, and the default holds',
      gives: NOTHING,
    },
    { name: 'io.cilium/service-affinity', value: '[local]', message: 'found a list', gives: NOTHING },
    {
      name: 'service.cilium.io/global-sync-endpoint-slices',
      value: '"0"',
      message: `${truth} a headless Service takes part`,
      gives: NOTHING,
    },
    {
      name: 'federation.tigera.io/serviceSelector',
      value: '7',
      message: 'the Service is not federated',
      gives: NOTHING,
    },
    {
      name: 'federation.tigera.io/serviceSelector',
      value: 'x'.repeat(4097),
      message: 'must be a selector of at most 4096 characters',
      gives: NOTHING,
    },
  ])('$name: $value', ({ name, value, message, gives, more }) => {
    const { intent, problems } = read(`${more ?? 'team: shop'}, ${name}: ${value}`);
    expect(intent).toEqual(gives);
    const field = `metadata.annotations["${name}"]`;
    expect(problems).toEqual([
      {
        severity: 'warning',
        object: 'Service shop/payments',
        field,
        message: expect.stringContaining(message),
      },
    ]);
  });

  test('a bad value under the new name is not replaced by a good one under the old', () => {
    const { intent, problems } = read('service.cilium.io/global: "on", io.cilium/global-service: "true"');
    expect(intent).toEqual(NOTHING);
    expect(problems).toHaveLength(1);
  });
});
