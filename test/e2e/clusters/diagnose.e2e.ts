import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Diagnose } from '../../../src/views/diagnose.ts';
import { accountToken } from '../bed/accounts.ts';
import type { Manifest } from '../bed/api.ts';
import type { Cluster } from '../bed/cluster.ts';
import { Member } from '../bed/member.ts';
import { forwardClusterSet, installCoreDns } from '../bed/node/coredns.ts';
import { untilAvailable } from '../bed/node/pods.ts';
import { Operator } from '../bed/operator.ts';
import { sharedBed } from '../bed/shared.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/leftovers.ts';
import { waitFor } from '../kit/wait.ts';

/** Two clusters whose pods run, looked at from a machine that reaches them: that of east's nodes. */
const system = 'causeway-system';

let folder: TemporaryFolder;
let east: Member;
let west: Member;
let operator: Operator;

beforeAll(async () => {
  folder = await temporaryFolder('diagnose');
  const bed = await sharedBed();
  const clusters = [bed.cluster('east'), bed.cluster('west')];
  const members = await Promise.all(clusters.map(cluster => Member.install(cluster)));
  [east, west] = [members[0] as Member, members[1] as Member];
  for (const { node } of clusters) await node.start();
  await Promise.all(clusters.map(standing));
  await east.connect(west, {}, true);
  await west.connect(east, {}, true);
  await Promise.all([untilServing(east.cluster, 'west'), untilServing(west.cluster, 'east')]);
  const kubeconfigs = clusters.map(cluster => cluster.kubeconfigText({ fromPods: true }));
  operator = await Operator.withKubeconfigs(
    join(folder.path, 'kubeconfig'),
    kubeconfigs,
    east.cluster.node.inNetwork(),
  );
}, 180_000);

afterAll(async () => {
  for (const member of [east, west]) {
    await member?.leave();
    await member?.cluster.admin.delete(podRanges(member.cluster));
    await member?.cluster.node.stop();
  }
  await folder?.remove();
});

/** Causeway and CoreDNS run, and the ranges of the pods are recorded as `causeway enable` does. */
async function standing(cluster: Cluster): Promise<void> {
  const ours = ['causeway-controller', 'causeway-dns'].map(name => ({ namespace: system, name }));
  await Promise.all([installCoreDns(cluster), ...ours.map(named => untilAvailable(cluster, named))]);
  await forwardClusterSet(cluster);
  await cluster.admin.apply(podRanges(cluster));
}

function podRanges({ description }: Cluster, value = `10.${description.number}0.0.0/16`): Manifest {
  return property('pod-cidrs.causeway.dev', value);
}

function property(name: string, value: string): Manifest {
  return { apiVersion: 'about.k8s.io/v1beta1', kind: 'ClusterProperty', metadata: { name }, spec: { value } };
}

async function untilServing({ admin }: Cluster, name: string): Promise<void> {
  const remote = { apiVersion: 'causeway.dev/v1alpha1', kind: 'RemoteCluster', metadata: { name } };
  const look = async (): Promise<string[]> =>
    ((await admin.get(remote))?.['status']?.conditions ?? []).map(
      (one: { type: string; status: string }) => `${one.type} ${one.status}`,
    );
  const all = ['ControlPlaneReachable True', 'Synced True', 'Serving True'];
  await waitFor(`${name} is served`, look, seen => all.every(one => seen.includes(one)), 60_000);
}

async function diagnosed(): Promise<{ code: number | null; found: Diagnose; milliseconds: number }> {
  const pair = ['--context', 'east', '--destination-context', 'west'];
  const { code, output, milliseconds } = await operator.run(['diagnose', ...pair, '-o', 'json']);
  return { code, found: JSON.parse(output), milliseconds };
}

/** `✗ about code`; what controllers say of it follows later, and is not looked at. */
function wrongIn({ findings }: Diagnose): string[] {
  return findings
    .filter(({ verdict, check }) => verdict === 'bad' && !check.startsWith('remote.'))
    .map(({ about, code }) => `${about}: ${code}`);
}

test('a pair with which all is well', async () => {
  const look = async () => (await diagnosed()).found;
  // CoreDNS takes up its Corefile some seconds after it was changed.
  await waitFor('nothing is wrong', look, found => wrongIn(found).length === 0, 30_000);
  const { code, found, milliseconds } = await diagnosed();
  expect([code, wrongIn(found)]).toEqual([0, []]);
  const good = found.findings.filter(({ verdict }) => verdict === 'good').map(({ check }) => check);
  const notGood = found.findings.filter(({ verdict }) => verdict !== 'good');
  expect(new Set(notGood.map(({ check }) => check))).toEqual(
    new Set([
      // That of deploy/remote-reader lies in a Secret.
      'credential.expiry',
      // The nodes of the bed have the same names.
      'node.names',
      'path.agent',
      'path.reports',
      'path.tunnel',
      'path.mtu',
      'answer.size',
    ]),
  );
  expect(good).toEqual(expect.arrayContaining(['tls.chain', 'answer.udp', 'answer.tcp', 'coredns.replicas']));
  console.log(`${found.findings.length} findings in ${(milliseconds / 1_000).toFixed(1)} s`);
});

async function giveWest(text: string): Promise<void> {
  await east.giveKubeconfig('west', text);
}

async function secretText(): Promise<string> {
  const metadata = { namespace: system, name: 'west' };
  const secret = await east.cluster.admin.get({ apiVersion: 'v1', kind: 'Secret', metadata });
  return Buffer.from(secret?.['data'].kubeconfig, 'base64').toString();
}

/** Every fault with what mends it. */
const FAULTS: {
  fault: string;
  spoil: () => Promise<() => Promise<unknown>>;
  wrong: string[];
}[] = [
  {
    fault: 'the authority of another cluster in the Secret',
    spoil: async () => {
      const before = await secretText();
      await giveWest(before.replace(west.cluster.pki.root(), east.cluster.pki.root()));
      return () => giveWest(before);
    },
    wrong: ['east → west: API_REFUSED', 'east → west: TLS_CHAIN_UNTRUSTED'],
  },
  {
    fault: 'a token that has ended',
    spoil: async () => {
      const before = await secretText();
      const account = { namespace: 'causeway-exports-east', name: 'east' };
      const token = await accountToken(west.cluster, account, 1);
      // It says that it has ended; the API server's leeway goes on for as long as the test asked.
      await sleep(2_500);
      const namespace = account.namespace;
      await giveWest(west.cluster.kubeconfigText({ token, namespace, fromPods: true }));
      return () => giveWest(before);
    },
    wrong: ['east → west: API_REFUSED', 'east → west: CREDENTIAL_EXPIRED'],
  },
  {
    fault: 'a credential that may do everything',
    spoil: async () => {
      const before = await secretText();
      const namespace = 'causeway-exports-east';
      await giveWest(west.cluster.kubeconfigText({ namespace, fromPods: true }));
      return () => giveWest(before);
    },
    wrong: ['east → west: RIGHTS_EXCESSIVE'],
  },
  {
    fault: 'one id twice',
    spoil: async () => {
      const metadata = { name: 'occident' };
      const remote = { apiVersion: 'causeway.dev/v1alpha1', kind: 'RemoteCluster', metadata };
      await east.cluster.admin.apply({ ...remote, spec: { secretRef: { name: 'west' } } });
      return () => east.cluster.admin.delete(remote);
    },
    wrong: ['east: ID_TAKEN'],
  },
  {
    fault: 'pods with the same addresses',
    spoil: async () => {
      await west.cluster.admin.apply(podRanges(west.cluster, '10.10.128.0/17'));
      return () => west.cluster.admin.apply(podRanges(west.cluster));
    },
    wrong: ['east and west: CIDR_OVERLAPS_ACROSS'],
  },
  {
    fault: 'a definition of an older version',
    spoil: async () => {
      const metadata = { name: 'remotenodes.causeway.dev' };
      const reference = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata };
      const before = (await east.cluster.admin.get(reference)) as Manifest;
      const older = structuredClone(before);
      delete older['spec'].versions[0].schema.openAPIV3Schema.properties.spec.properties.podCIDRs;
      const replace = (object: Manifest) =>
        east.cluster.admin.merge(reference, { spec: { versions: object['spec'].versions } });
      await replace(older);
      return () => replace(before);
    },
    wrong: ['east: CRD_OLDER'],
  },
  {
    fault: 'no ClusterProperty',
    spoil: async () => {
      const own = property('cluster.clusterset.k8s.io', 'west');
      await west.cluster.admin.delete(own);
      return () => west.cluster.admin.apply(own);
    },
    wrong: ['east → west: ID_MISSING', 'west: ID_MISSING'],
  },
  {
    fault: 'a stanza with a stale ClusterIP',
    spoil: async () => {
      const metadata = { namespace: 'kube-system', name: 'coredns' };
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
      const before = (await east.cluster.admin.get(reference))?.['data'].Corefile;
      const stale = before.replace(/(?<=clusterset\.local:53[\s\S]*forward \. )\S+/, '10.110.9.9');
      await east.cluster.admin.merge(reference, { data: { Corefile: stale } });
      return () => east.cluster.admin.merge(reference, { data: { Corefile: before } });
    },
    wrong: ['east: FORWARD_STALE'],
  },
];

test.each(FAULTS)('$fault is what is found, and nothing else', async ({ spoil, wrong }) => {
  const mend = await spoil();
  try {
    const look = async () => (await diagnosed()).found;
    const found = await waitFor('it is found', look, seen => wrongIn(seen).length > 0, 30_000);
    expect(wrongIn(found).toSorted()).toEqual(wrong.toSorted());
    expect((await diagnosed()).code).toBe(1);
  } finally {
    await mend();
  }
});

test('a cluster that is away hides nothing of the other, and is exit code 3', async () => {
  await west.cluster.pause();
  try {
    const { code, found, milliseconds } = await diagnosed();
    expect(code).toBe(3);
    expect(found.clusters.map(({ context, reached }) => `${context} ${reached}`)).toEqual([
      'east true',
      'west false',
    ]);
    expect(wrongIn(found)).toEqual(expect.arrayContaining(['east → west: API_REFUSED', 'west: API_REFUSED']));
    expect(wrongIn(found).filter(one => one.startsWith('east:'))).toEqual([]);
    expect(milliseconds).toBeLessThan(30_000);
  } finally {
    await west.cluster.resume();
  }
});

test('a bundle has what a helper needs, and no token of any Secret', async () => {
  const path = join(folder.path, 'east.tgz');
  const { told } = await operator.run(['diagnose', '--context', 'east', '--bundle', path]);
  expect(told).toMatch(/east\.tgz: \d+ files/);
  const text = execFileSync('tar', ['-xzOf', path], { maxBuffer: 1e9 }).toString();
  const names = execFileSync('tar', ['-tzf', path]).toString();
  expect(names).toContain('east/objects/remoteclusters.json');
  expect(names).toMatch(/east\/pods\/causeway-dns-\S+\/metrics\.txt/);
  expect(text).toContain('causeway_dns_queries_total');
  const [, token = ''] = /token: (\S+)/.exec(await secretText()) ?? [];
  expect(token.length).toBeGreaterThan(100);
  expect(text).not.toContain(token.slice(0, 60));
  expect(text).not.toContain('PRIVATE KEY');
});
