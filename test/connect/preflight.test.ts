import { describe, expect, test } from 'vitest';
import type { EndpointFacts, MemberFacts } from '../../src/connect/facts.ts';
import { preflight, withoutAnswered, withoutUnused } from '../../src/connect/preflight.ts';
import { PLAIN } from '../../src/terminal/style.ts';
import { findingLines } from '../../src/views/finding.ts';

function at(server: string, trust: EndpointFacts['trust'] = { verified: 'kubeconfig' }): EndpointFacts {
  return { server, isOverride: false, trust };
}

const PROXIED = { distrusted: 'SELF_SIGNED_CERT_IN_CHAIN', issuer: 'CN=corporate proxy' };

function member(id: string, changes: Partial<MemberFacts> = {}): MemberFacts {
  return {
    context: `admin@${id}`,
    version: 'v1.34.1',
    missing: [],
    clusterId: id,
    clusterset: 'shop',
    remotes: [],
    endpoint: at(`https://api.${id}.example.com:6443`),
    ...changes,
  };
}

/** All but what is good. */
function told(one: MemberFacts, ...others: MemberFacts[]): string {
  return findingLines(
    preflight([one, ...others]).filter(({ verdict }) => verdict !== 'good'),
    PLAIN,
  );
}

const west = member('west');

test('two clusters that can be connected: everything is good', () => {
  expect(told(member('east'), west)).toBe('');
  expect(preflight([member('east'), west]).map(({ check }) => check)).toEqual([
    ...['member.version', 'member.enabled', 'member.identity', 'member.certificate'],
    ...['member.version', 'member.enabled', 'member.identity', 'member.certificate'],
    'pair.identity',
  ]);
});

describe('a cluster', () => {
  test.each([
    {
      row: 'with an old Kubernetes',
      changes: { version: 'v1.29.9-gke.1' },
      says: '✗ admin@east: Kubernetes v1.29.9-gke.1 is older than 1.30\n  → upgrade the cluster first\n',
    },
    {
      row: 'with a version that says nothing',
      changes: { version: 'undefined' },
      says: '? admin@east: its API server says that it is of version "undefined"\n',
    },
    {
      row: 'where Causeway is not enabled',
      changes: { missing: ['Namespace causeway-exports'], clusterId: undefined },
      says:
        '✗ admin@east: Causeway is not enabled, or only in part: it lacks Namespace causeway-exports\n' +
        '  → causeway enable --context admin@east --cluster-id ID\n',
    },
    {
      row: 'without an id',
      changes: { clusterId: undefined },
      says:
        '✗ admin@east: it has no cluster id, or none that can be one\n' +
        '  → causeway enable --context admin@east --cluster-id ID\n',
    },
    {
      row: 'whose id cannot be part of a name',
      changes: { clusterId: 'a.b' },
      says:
        "✗ admin@east: its cluster id a.b cannot be part of a namespace's name (causeway-exports-a.b)\n" +
        '  → give it an id of lower-case letters, digits and hyphens, of 46 at most\n',
    },
    {
      row: 'behind a proxy with another CA',
      changes: {
        endpoint: at('https://proxy.example.com', PROXIED),
      },
      says:
        '✗ admin@east: https://proxy.example.com shows a certificate by "CN=corporate proxy" (SELF_SIGNED_CERT_IN_CHAIN), ' +
        "which neither the kubeconfig's authority nor ConfigMap kube-system/kube-root-ca.crt vouches for: an API server " +
        'behind a proxy with another CA\n' +
        '  → give the address of the API server itself with --server-override or --destination-server-override, or put ' +
        "the proxy's authority into certificate-authority-data of the kubeconfig\n",
    },
    {
      row: 'at an address that cannot be reached from here',
      changes: {
        endpoint: at('https://10.0.0.1:6443', { unreached: 'no answer within 5 s' }),
      },
      says:
        '? admin@east: https://10.0.0.1:6443 cannot be reached from here, so who answers there is not known: no answer ' +
        'within 5 s\n  → nothing, if the pods of the other clusters reach it\n',
    },
    {
      row: 'at an address where nobody was to be asked from here',
      changes: { endpoint: at('https://10.0.0.1:6443', 'unasked') },
      says:
        '⚠ admin@east: https://10.0.0.1:6443 was not asked from here, so who answers there is not known\n' +
        '  → nothing, if the pods of the other clusters reach it: their controllers find out, and `causeway status` says ' +
        'whether they follow it\n',
    },
  ])('$row', ({ changes, says }) => {
    expect(told(member('east', changes), west)).toBe(says);
  });

  test.each([true, false])(
    'at an address that was given for others (%s): how to do without asking',
    given => {
      const endpoint = { ...at('https://10.0.0.1:6443', PROXIED), isOverride: given };
      expect(told(member('east', { endpoint }), west).includes('--skip-server-check')).toBe(given);
    },
  );

  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '0.0.0.0', '[::1]', '[::]'])('at %s', host => {
    const server = `https://${host}:6443`;
    expect(told(member('east', { endpoint: at(server) }), west)).toContain(
      `⚠ admin@east: ${server} is an address that every`,
    );
  });
});

describe('two clusters', () => {
  test.each([
    {
      row: 'of the same id',
      changes: { clusterId: 'west' },
      says: '✗ admin@east and admin@west: both have the cluster id west, or both contexts lead to the same cluster',
    },
    {
      row: 'of two sets',
      changes: { clusterset: 'bank' },
      says: '✗ admin@east and admin@west: they are of two cluster sets, bank and shop',
    },
    {
      row: 'of which one knows the other under another name',
      changes: { remotes: [{ name: 'occident', clusterId: 'west' }] },
      says: '✗ admin@east: it is connected with west already, by the RemoteCluster occident',
    },
  ])('$row', ({ changes, says }) => {
    expect(told(member('east', changes), west)).toContain(says);
  });

  test.each([
    { row: 'of which one is of no set', changes: { clusterset: undefined } },
    { row: 'that are connected already', changes: { remotes: [{ name: 'west', clusterId: 'west' }] } },
    {
      row: 'of which one has not heard the other yet',
      changes: { remotes: [{ name: 'west', clusterId: undefined }] },
    },
  ])('$row', ({ changes }) => {
    expect(told(member('east', changes), west)).toBe('');
  });
});

test.each([
  { row: 'one that was given before, and stays', server: 'https://192.168.9.1:6443', warned: 0 },
  { row: "the operator's own", server: 'https://127.0.0.1:6443', warned: 1 },
])('an address of the own machine is warned of where it is used: $row', ({ server, warned }) => {
  const members = [member('east', { endpoint: at('https://127.0.0.1:6443') }), west];
  const findings = preflight(members);
  const told = withoutUnused(findings, members, [{ server }, { server: west.endpoint.server }]);
  const addresses = told.filter(({ check }) => check === 'member.address');
  expect([addresses.length, findings.length - told.length]).toEqual([warned, 1 - warned]);
});

const EAST = 'https://10.0.0.1:6443';

test.each([
  { row: 'all that were given it follow', links: ['west True True', 'north True True'], left: 0 },
  { row: 'one of them does not', links: ['west True True', 'north False True'], left: 1 },
  { row: 'one holds it for lost', links: ['west True False'], left: 1 },
  { row: 'nobody was waited for', links: ['west Unknown Unknown'], left: 1 },
  {
    row: 'they follow by another address',
    server: 'https://10.0.0.2:6443',
    links: ['west True True'],
    left: 1,
  },
  { row: 'nobody reads it', links: [], left: 1 },
])(
  'who answers where nobody was asked is in doubt until it is known: $row',
  ({ links, left, server = EAST }) => {
    for (const trust of ['unasked', { unreached: 'no answer' }] as const) {
      const members = [member('east', { endpoint: at(EAST, trust) }), west];
      const findings = preflight(members);
      const known = links.map(text => {
        const [, synced, serving] = text.split(' ') as [string, 'True', 'True'];
        return { source: 'east', server, synced, serving };
      });
      const told = withoutAnswered(findings, members, known);
      const doubts = told.filter(
        ({ check, verdict }) => check === 'member.certificate' && verdict !== 'good',
      );
      expect([doubts.length, findings.length - told.length]).toEqual([left, 1 - left]);
    }
  },
);
