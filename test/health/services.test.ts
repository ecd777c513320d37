import { expect, test } from 'vitest';
import { servicesOf } from '../../src/health/services.ts';
import { readEndpointSlice } from '../../src/objects/endpoint-slice.ts';
import { Problems } from '../../src/objects/problem.ts';
import { serviceImportReader } from '../../src/objects/service-import.ts';

const IMPORT = serviceImportReader.read(
  {
    metadata: { namespace: 'shop', name: 'payments' },
    spec: { type: 'ClusterSetIP', ports: [] },
    status: { clusters: [{ cluster: 'west' }, { cluster: 'north' }] },
  },
  Problems.ignored(),
);

/** An imported slice of `west` with these addresses; those with `!` are not ready. */
function slice(name: string, addressType: string, addresses: readonly string[]) {
  return readEndpointSlice(
    {
      metadata: {
        namespace: 'shop',
        name,
        labels: {
          'multicluster.kubernetes.io/service-name': 'payments',
          'multicluster.kubernetes.io/source-cluster': 'west',
        },
      },
      addressType,
      ports: [],
      endpoints: addresses.map(address => ({
        addresses: [address.replace('!', '')],
        conditions: { ready: !address.startsWith('!') },
      })),
    },
    Problems.ignored(),
    'mirrored',
    'everything',
  );
}

test.each([
  { what: 'no slice', slices: [], count: { ready: 0, endpoints: 0 } },
  {
    what: 'several slices of one family',
    slices: [slice('a', 'IPv4', ['10.0.0.1', '!10.0.0.2']), slice('b', 'IPv4', ['10.0.0.3'])],
    count: { ready: 2, endpoints: 3 },
  },
  {
    what: 'each endpoint in both families: it is counted once',
    slices: [slice('a', 'IPv4', ['10.0.0.1', '!10.0.0.2']), slice('b', 'IPv6', ['fd00::1', '!fd00::2'])],
    count: { ready: 1, endpoints: 2 },
  },
])('endpoints of a cluster, with $what', ({ slices, count }) => {
  const facts = {
    imports: IMPORT === undefined ? [] : [IMPORT],
    importConditions: new Map(),
    exportConditions: new Map(),
    slices: slices.flatMap(one => one ?? []),
  };
  expect(servicesOf(facts).services[0]?.clusters).toEqual([
    { cluster: 'west', ...count },
    { cluster: 'north', ready: 0, endpoints: 0 },
  ]);
});

test('what of an export disagrees, and what cannot be read of it, is said', () => {
  const condition = (type: string, status: 'True' | 'False', message: string) => {
    return { type, status, reason: type, message, lastTransitionTime: '2026-03-01T08:00:00Z' };
  };
  const facts = {
    imports: IMPORT === undefined ? [] : [IMPORT],
    importConditions: new Map([['shop/payments', [condition('Ready', 'False', 'no address')]]]),
    exportConditions: new Map([
      [
        'shop/payments',
        [
          condition('Valid', 'True', 'can be exported'),
          condition('Conflict', 'True', 'ports differ'),
          condition('causeway.dev/PartlyIgnored', 'True', 'found "ten"'),
        ],
      ],
    ]),
    slices: [],
  };
  expect(
    servicesOf(facts).findings.map(({ check, verdict, found }) => `${verdict} ${check}: ${found}`),
  ).toEqual([
    'warning service.conflict: ports differ',
    'warning service.ignored: found "ten"',
    'bad service.ready: Ready: no address',
  ]);
});
