import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { dnsService } from '../../src/diagnose/dns-service.ts';
import { textOf } from '../house/manifests.ts';
import { type ClusterChange, clusterOf, complaints, factsOf, said } from '../kit/diagnose-facts.ts';
import { objects } from '../kit/diagnose-running.ts';

const alone = (change: ClusterChange) => factsOf(clusterOf({ remotes: { value: [] }, ...change }));

/** The policies that deploy/ brings along. */
const OURS = {
  value: parseAllDocuments(textOf('deploy/base/network-policies.yaml')).map(one => Object(one.toJS())),
};

test('both protocols all the way', () => {
  expect(said(dnsService, alone({ objects: { networkPolicies: OURS } }))).toEqual([
    '✓ dns.service east: it has port 53 over UDP',
    '✓ dns.service east: it has port 53 over TCP',
    '✓ dns.endpoints east: over UDP: 10.10.0.9 port 1053',
    '✓ dns.endpoints east: over TCP: 10.10.0.9 port 1053',
    '✓ dns.policy east: everybody may ask over UDP, on port 1053',
    '✓ dns.policy east: everybody may ask over TCP, on port 1053',
  ]);
});

test.each<{ case: string; change: ClusterChange['objects']; lines: string[] }>([
  {
    case: 'no Service',
    change: { services: { value: [] } },
    lines: ['✗ dns.service east: there is no Service causeway-dns in namespace causeway-system'],
  },
  {
    case: 'a Service without TCP',
    change: {
      services: objects('{metadata: {name: causeway-dns}, spec: {ports: [{port: 53, protocol: UDP}]}}'),
    },
    lines: ['✗ dns.service east: the Service causeway-dns has no port 53 over TCP'],
  },
  {
    case: 'nobody is ready',
    change: {
      endpointSlices: objects(
        '{metadata: {labels: {kubernetes.io/service-name: causeway-dns}}, ports: [{port: 1053, protocol: UDP}, {port: 1053, protocol: TCP}], endpoints: [{addresses: [10.10.0.9], conditions: {ready: false}}]}',
      ),
    },
    lines: [
      '✗ dns.endpoints east: no daemon that is ready stands behind the Service over UDP',
      '✗ dns.endpoints east: no daemon that is ready stands behind the Service over TCP',
    ],
  },
  {
    case: 'a slice without TCP, and one of another Service',
    change: {
      endpointSlices: objects(`
{metadata: {labels: {kubernetes.io/service-name: causeway-dns}}, ports: [{port: 1053, protocol: UDP}], endpoints: [{addresses: [10.10.0.9]}]}
---
{metadata: {labels: {kubernetes.io/service-name: other}}, ports: [{port: 1053, protocol: TCP}], endpoints: [{addresses: [10.10.0.9]}]}
`),
    },
    lines: ['✗ dns.endpoints east: no daemon that is ready stands behind the Service over TCP'],
  },
  {
    case: 'nothing may be read',
    change: {
      services: { unknown: 'forbidden' },
      endpointSlices: { unknown: 'forbidden' },
      networkPolicies: { unknown: 'forbidden' },
    },
    lines: [
      '? dns.service east: forbidden',
      '? dns.endpoints east: forbidden',
      '? dns.endpoints east: forbidden',
      '? dns.policy east: forbidden',
    ],
  },
])('$case', ({ change, lines }) => {
  expect(complaints(dnsService, alone({ objects: change ?? {} }))).toEqual(lines);
});

describe('NetworkPolicies', () => {
  const DENY = '{metadata: {name: deny}, spec: {podSelector: {}, policyTypes: [Ingress]}}';
  const policy = (spec: string) => `{metadata: {name: one}, spec: {podSelector: {}, ${spec}}}`;
  const closed = (protocol: string, names: string) =>
    `✗ dns.policy east: no NetworkPolicy lets anybody ask the daemon over ${protocol}, on port 1053; ${names} keep it closed`;

  test.each([
    { case: 'one that denies everything', yaml: DENY, lines: [closed('UDP', 'deny'), closed('TCP', 'deny')] },
    {
      case: 'one that denies, and one that allows UDP',
      yaml: `${DENY}\n---\n${policy('ingress: [{ports: [{protocol: UDP, port: 1053}]}]')}`,
      lines: [closed('TCP', 'deny, one')],
    },
    {
      case: 'ports by name and as a range',
      yaml: policy(
        'ingress: [{ports: [{protocol: UDP, port: dns}, {protocol: TCP, port: 1000, endPort: 2000}]}]',
      ),
      lines: [],
    },
    { case: 'a rule without ports', yaml: policy('ingress: [{}]'), lines: [] },
    {
      case: 'a rule for pods only',
      yaml: policy('ingress: [{from: [{podSelector: {}}]}]'),
      lines: [
        '⚠ dns.policy east: NetworkPolicies let only some ask the daemon over UDP, on port 1053',
        '⚠ dns.policy east: NetworkPolicies let only some ask the daemon over TCP, on port 1053',
      ],
    },
    {
      case: 'one about other pods',
      yaml: '{metadata: {name: one}, spec: {podSelector: {matchLabels: {app: web}}}}',
      lines: [],
    },
    {
      case: 'one that leaves our pods out by an expression',
      yaml: '{metadata: {name: one}, spec: {podSelector: {matchExpressions: [{key: app.kubernetes.io/component, operator: NotIn, values: [dns]}]}}}',
      lines: [],
    },
    {
      case: 'one about what goes out',
      yaml: '{metadata: {name: one}, spec: {podSelector: {}, policyTypes: [Egress]}}',
      lines: [],
    },
  ])('$case', ({ yaml, lines }) => {
    expect(complaints(dnsService, alone({ objects: { networkPolicies: objects(yaml) } }))).toEqual(lines);
  });
});
