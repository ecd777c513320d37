import { describe, expect, test } from 'vitest';
import { objectsOf } from '../kit/mesh.ts';

function read(annotations: string) {
  const { objects, problems } = objectsOf(
    '{apiVersion: multicluster.x-k8s.io/v1beta1, kind: ServiceExport, ' +
      `metadata: {name: payments, namespace: shop, annotations: {${annotations}}}}`,
  );
  const [request] = objects;
  return { traffic: request?.kind === 'ServiceExport' ? request.traffic : undefined, problems };
}

describe('traffic annotations', () => {
  test.each([
    { row: 'none', annotations: 'team: shop', gives: {} },
    { row: 'weight', annotations: 'causeway.dev/weight: "80"', gives: { weight: 80 } },
    { row: 'weight 0', annotations: 'causeway.dev/weight: "0"', gives: { weight: 0 } },
    { row: 'weight 1000', annotations: 'causeway.dev/weight: "1000"', gives: { weight: 1000 } },
    {
      row: 'weight, Azure Fleet',
      annotations: 'networking.fleet.azure.com/weight: "7"',
      gives: { weight: 7 },
    },
    { row: 'affinity', annotations: 'causeway.dev/affinity: local', gives: { affinity: 'local' } },
    {
      row: 'affinity in capitals',
      annotations: 'causeway.dev/affinity: REMOTE',
      gives: { affinity: 'remote' },
    },
    { row: 'affinity none', annotations: 'causeway.dev/affinity: none', gives: { affinity: 'none' } },
    {
      row: 'affinity, Cilium',
      annotations: 'service.cilium.io/affinity: local',
      gives: { affinity: 'local' },
    },
    {
      row: 'affinity, Cilium, old name',
      annotations: 'io.cilium/service-affinity: remote',
      gives: { affinity: 'remote' },
    },
    {
      row: 'backends',
      annotations: 'causeway.dev/backends: LoadBalancer',
      gives: { backends: 'loadbalancer' },
    },
    { row: 'ttl 0', annotations: 'causeway.dev/ttl: "0"', gives: { ttl: 0 } },
    { row: 'ttl 3600', annotations: 'causeway.dev/ttl: "3600"', gives: { ttl: 3600 } },
    {
      row: 'all of them',
      annotations:
        'causeway.dev/ttl: "1", causeway.dev/weight: "2", causeway.dev/affinity: local, causeway.dev/backends: endpoints',
      gives: { ttl: 1, weight: 2, affinity: 'local', backends: 'endpoints' },
    },
    {
      row: 'the new name goes before an alias',
      annotations: 'networking.fleet.azure.com/weight: "1", causeway.dev/weight: "2"',
      gives: { weight: 2 },
    },
    {
      row: 'the newer alias goes before the older',
      annotations: 'io.cilium/service-affinity: remote, service.cilium.io/affinity: local',
      gives: { affinity: 'local' },
    },
  ])('$row', ({ annotations, gives }) => {
    expect(read(annotations)).toEqual({ traffic: gives, problems: [] });
  });
});

describe('nonsense is a warning that says what it must be, and leaves the setting unset', () => {
  const weights = [
    '"-1"',
    '"1e9"',
    '"80%"',
    '"0x10"',
    '" 80"',
    '"80 "',
    '"1001"',
    '"080"',
    '"8.0"',
    '""',
    '"٨"',
  ];
  test.each([
    ...weights.map(value => ({ name: 'causeway.dev/weight', value, must: '"0"–"1000"' })),
    { name: 'causeway.dev/weight', value: '80', must: 'a quoted whole number' },
    { name: 'causeway.dev/weight', value: 'null', must: '"0"–"1000"' },
    { name: 'networking.fleet.azure.com/weight', value: 'heavy', must: '"0"–"1000"' },
    { name: 'causeway.dev/affinity', value: 'nearest', must: '"local", "remote", "none"' },
    { name: 'causeway.dev/affinity', value: '" local"', must: '"local", "remote", "none"' },
    { name: 'io.cilium/service-affinity', value: '[local]', must: '"local", "remote", "none"' },
    { name: 'causeway.dev/backends', value: 'pods', must: '"service", "loadbalancer", "endpoints"' },
    { name: 'causeway.dev/ttl', value: '"3601"', must: '"0"–"3600"' },
    { name: 'causeway.dev/ttl', value: '5s', must: '"0"–"3600"' },
  ])('$name: $value', ({ name, value, must }) => {
    const { traffic, problems } = read(`${name}: ${value}`);
    expect(traffic).toEqual({});
    const field = `metadata.annotations["${name}"]`;
    const message = expect.stringContaining(must);
    expect(problems).toEqual([
      { severity: 'warning', object: 'ServiceExport shop/payments', field, message },
    ]);
  });

  test('a bad value under the new name is not replaced by a good one under an alias', () => {
    const { traffic, problems } = read('causeway.dev/weight: heavy, networking.fleet.azure.com/weight: "7"');
    expect(traffic).toEqual({});
    expect(problems).toHaveLength(1);
  });

  test('a bad value does not take the others with it', () => {
    expect(read('causeway.dev/weight: "80%", causeway.dev/ttl: "5"').traffic).toEqual({ ttl: 5 });
  });
});

describe('a name of ours that is not known', () => {
  test('is told, since a misspelt weight would do nothing without a word', () => {
    const { traffic, problems } = read('causeway.dev/wieght: "80", causeway.dev/ttl: "5", team: shop');
    expect(traffic).toEqual({ ttl: 5 });
    expect(problems.map(({ severity, field, message }) => [severity, field, message])).toEqual([
      [
        'warning',
        'metadata.annotations["causeway.dev/wieght"]',
        'is not known: must be one of causeway.dev/weight, causeway.dev/affinity, causeway.dev/backends, causeway.dev/ttl, ' +
          'causeway.dev/export-to',
      ],
    ]);
  });
});
