import { describe, expect, test } from 'vitest';
import { type DefinitionFacts, definitionVerdict } from '../../src/health/definitions.ts';
import { blocksOf } from '../../src/health/networks.ts';
import { type PreflightFacts, preflightFindings } from '../../src/health/preflight.ts';
import { compareVersions } from '../../src/health/version.ts';
import { PLAIN } from '../../src/terminal/style.ts';
import { type Finding, findingLines } from '../../src/views/finding.ts';

const NEW_CLUSTER: PreflightFacts = {
  kubernetes: 'v1.34.2',
  denied: [],
  properties: new Map(),
  namespace: 'missing',
  ending: [],
  installed: [],
  connected: false,
  remotes: [],
};
const WISH = { namespace: 'causeway-system', version: '0.2.0', clusterId: 'east', clusterset: 'shops' };

function said(findings: readonly Finding[]): string {
  return findingLines(findings, PLAIN);
}

describe('before Causeway is brought into a cluster', () => {
  test('of which something is still being removed', () => {
    const ending = ['causeway-exports'];
    expect(said(preflightFindings({ ...NEW_CLUSTER, ending }, WISH))).toBe(`✓ Kubernetes: is v1.34.2
✓ your credential: may do all that is needed
✗ namespace causeway-exports: is being removed, and takes nothing new
  → run this again when it is gone: kubectl wait --for delete namespace/causeway-exports
`);
  });

  test('that has nothing of it', () => {
    expect(said(preflightFindings(NEW_CLUSTER, WISH))).toBe(`✓ Kubernetes: is v1.34.2
✓ your credential: may do all that is needed
`);
  });

  test.each<{ what: string; facts: Partial<PreflightFacts>; text: string }>([
    {
      what: 'an old Kubernetes',
      facts: { kubernetes: 'v1.29.14' },
      text: `✗ Kubernetes: is v1.29.14, and Causeway needs 1.30 or newer
  → upgrade the cluster first
`,
    },
    { what: 'the oldest that will do', facts: { kubernetes: 'v1.30.0-eks-1234' }, text: '' },
    {
      what: 'an API server that does not say its version',
      facts: { kubernetes: undefined },
      text: '? Kubernetes: the API server does not say its version\n',
    },
    {
      what: 'rights that are missing',
      facts: { denied: ['create, patch namespaces', 'patch deployments.apps in causeway-system'] },
      text: `✗ your credential: may not create, patch namespaces
✗ your credential: may not patch deployments.apps in causeway-system
  → use a context whose user may, such as one bound to the ClusterRole cluster-admin
`,
    },
    { what: 'the same id and set as before', facts: { properties: properties('east', 'shops') }, text: '' },
    {
      what: 'another id',
      facts: { properties: properties('north', 'shops') },
      text: `✗ ClusterProperty cluster.clusterset.k8s.io: is "north" already, not "east"; it holds for as long as the cluster is in the set
  → give "north", or take the cluster out of the set first, with causeway disable
`,
    },
    {
      what: 'another set',
      facts: { properties: properties('east', 'bank') },
      text: `✗ ClusterProperty clusterset.k8s.io: is "bank" already, not "shops"; it holds for as long as the cluster is in the set
  → give "bank", or take the cluster out of the set first, with causeway disable
`,
    },
    {
      what: 'a remote cluster of the same id',
      facts: { connected: true, remotes: [{ name: 'frankfurt', clusterId: 'east' }] },
      text: `✗ RemoteCluster frankfurt: calls itself "east" too, and ids are unique in the set
  → give this cluster another --cluster-id
`,
    },
    {
      what: 'a namespace of somebody else',
      facts: { namespace: 'foreign' },
      text: `✗ namespace causeway-system: is there already and not marked as Causeway's
  → give another one with --namespace; or, if nothing else is in it, kubectl label namespace causeway-system app.kubernetes.io/part-of=causeway
`,
    },
    {
      what: 'a Causeway in another namespace',
      facts: { installed: [{ namespace: 'mesh', version: '0.2.0' }] },
      text: `✗ Causeway: runs in namespace mesh already
  → give --namespace mesh, or take that one away first, with causeway disable
`,
    },
    {
      what: 'an older Causeway',
      facts: { namespace: 'ours', installed: [{ namespace: 'causeway-system', version: '0.1.9' }] },
      text: '✓ Causeway: is 0.1.9 and becomes 0.2.0\n',
    },
    {
      what: 'a newer Causeway',
      facts: { namespace: 'ours', installed: [{ namespace: 'causeway-system', version: '0.10.0' }] },
      text: `✗ Causeway: is 0.10.0 in this cluster, and this program is 0.2.0
  → use causeway 0.10.0: nothing is made older
`,
    },
  ])('$what', ({ facts, text }) => {
    const usual = new Set(said(preflightFindings(NEW_CLUSTER, WISH)).split('\n'));
    const all = said(preflightFindings({ ...NEW_CLUSTER, ...facts }, WISH)).split('\n');
    const unusual = all.filter(line => line !== '' && (!usual.has(line) || line.includes('is v1.30')));
    expect(
      unusual
        .filter(line => !line.startsWith('✓ Kubernetes'))
        .map(line => `${line}\n`)
        .join(''),
    ).toBe(text);
  });
});

function properties(id: string, set: string): ReadonlyMap<string, string> {
  return new Map([
    ['cluster.clusterset.k8s.io', id],
    ['clusterset.k8s.io', set],
  ]);
}

describe('a definition', () => {
  const wanted = { ours: true, release: 'v0.5.2', serves: ['v1alpha1', 'v1beta1'] };
  const name = 'serviceexports.multicluster.x-k8s.io';

  test.each<{
    what: string;
    found: DefinitionFacts['found'];
    apply: boolean;
    text: string;
    replaced?: boolean;
  }>([
    { what: 'that is missing', found: undefined, apply: true, text: '' },
    { what: 'of ours', found: { ...wanted, release: 'v0.5.0' }, apply: true, text: '' },
    {
      what: "of another program, with the standard's same release",
      found: { ...wanted, ours: false },
      apply: false,
      replaced: true,
      text: `✓ ${name}: is installed by another program, with the same fields (v0.5.2), and is left as it is\n`,
    },
    {
      what: 'of another program, that does not say its release',
      found: { ours: false, serves: ['v1alpha1', 'v1beta1'] },
      apply: false,
      replaced: true,
      text: `⚠ ${name}: is installed by another program, and is left as it is
  → if fields are missing, replace it with --replace-definitions
`,
    },
    {
      what: 'of another program, without what we read',
      found: { ours: false, serves: ['v1alpha1'] },
      apply: false,
      replaced: true,
      text: `✗ ${name}: is installed by another program and does not serve v1beta1, which Causeway needs
  → have that program bring a newer one, or replace it with --replace-definitions
`,
    },
    {
      what: 'that is newer, whoever installed it',
      found: { ...wanted, ours: false, release: 'v0.6.0' },
      apply: false,
      replaced: false,
      text: `⚠ ${name}: is installed by another program, and is left as it is\n`,
    },
    {
      what: 'that is newer and no longer serves what we read',
      found: { ...wanted, release: 'v0.9.0', serves: ['v1'] },
      apply: false,
      replaced: false,
      text: `✗ ${name}: is of release v0.9.0 and does not serve v1alpha1, v1beta1, which Causeway needs
  → use a newer Causeway
`,
    },
  ])('$what', ({ found, apply, text, replaced = true }) => {
    const verdict = definitionVerdict({ name, found, wanted }, false);
    expect({ apply: verdict.apply, text: said(verdict.finding ? [verdict.finding] : []) }).toEqual({
      apply,
      text,
    });
    expect(definitionVerdict({ name, found, wanted }, true).apply).toBe(replaced);
  });

  test('of a kind of ours is ours, however it came', () => {
    const kind = 'remoteclusters.causeway.dev';
    const found = { ours: false, serves: ['v1alpha1'] };
    expect(
      definitionVerdict({ name: kind, found, wanted: { ours: true, serves: ['v1alpha1'] } }, false),
    ).toEqual({
      apply: true,
    });
  });
});

describe('address blocks', () => {
  const found = [
    { where: 'ServiceCIDRs', cidrs: [] },
    { where: '--service-cluster-ip-range of kube-apiserver', cidrs: ['10.96.0.0/12'] },
  ];

  test.each([
    {
      what: 'as given',
      given: ['10.0.0.0/16'],
      recorded: ['10.1.0.0/16'],
      found,
      cidrs: ['10.0.0.0/16'],
      text: '✓ addresses of services: 10.0.0.0/16 (--service-cidr)\n',
    },
    {
      what: 'as recorded',
      given: [],
      recorded: ['10.1.0.0/16', 'fd00::/108'],
      found,
      cidrs: ['10.1.0.0/16', 'fd00::/108'],
      text: '✓ addresses of services: 10.1.0.0/16, fd00::/108 (as recorded before)\n',
    },
    {
      what: 'as found',
      given: [],
      recorded: [],
      found,
      cidrs: ['10.96.0.0/12'],
      text: '✓ addresses of services: 10.96.0.0/12 (--service-cluster-ip-range of kube-apiserver)\n',
    },
    {
      what: 'of which one is nonsense',
      given: [],
      recorded: ['10.1.0.0/16', 'x'],
      found: [],
      cidrs: [],
      text: `? addresses of services: the cluster does not show them, so nobody can tell whether they overlap with those of another one
  → give them with --service-cidr
`,
    },
  ])('$what', ({ given, recorded, found, cidrs, text }) => {
    const blocks = blocksOf('service', { given, recorded, found });
    expect([blocks.cidrs, said([blocks.finding])]).toEqual([cidrs, text]);
  });
});

test.each([
  ['v1.30.0', '1.30', 0],
  ['v1.29.14', '1.30', -1],
  ['v1.34.1+k3s1', '1.30', 1],
  ['0.10.0', '0.9.9', 1],
  ['unknown', '1.30', 0],
])('version %s to %s: %i', (one, other, sign) => {
  expect(Math.sign(compareVersions(one, other))).toBe(sign);
});
