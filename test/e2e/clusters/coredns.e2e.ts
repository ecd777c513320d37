import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CoreDnsShow } from '../../../src/views/coredns-show.ts';
import type { Manifest } from '../bed/api.ts';
import { Cluster } from '../bed/cluster.ts';
import { serviceAddress } from '../bed/description.ts';
import { installCoreDns, stockCorefile } from '../bed/node/coredns.ts';
import { deployEcho, podsOf } from '../bed/node/pods.ts';
import { type Ended, Operator } from '../bed/operator.ts';
import { type TemporaryFolder, temporaryFolder, undoAtEnd } from '../kit/leftovers.ts';
import { waitFor } from '../kit/wait.ts';

/** The real CoreDNS, two pods of it, whose Corefile is edited: by our command, and by others. */
const context = ['--context', 'dell'];
/** Parses, and is refused when it is loaded. */
const BROKEN = 'broken.example {\n    nosuchplugin\n}\n';
const client = { namespace: 'shop', name: 'client' };

let folder: TemporaryFolder;
let cluster: Cluster;
let operator: Operator;
let clientPod: string;

beforeAll(async () => {
  folder = await temporaryFolder('coredns');
  cluster = await Cluster.create(join(folder.path, 'dell'), 'dell', 8);
  undoAtEnd(() => cluster.killNow());
  await cluster.node.start();
  operator = await Operator.of(join(folder.path, 'kubeconfig'), [cluster]);
  const enabled = operator.run(['enable', ...context, '--cluster-id', 'dell', '--pod-cidr', '10.8.0.0/16']);
  await Promise.all([installCoreDns(cluster), deployEcho(cluster, client)]);
  expect(await enabled).toMatchObject({ code: 0 });
  [clientPod = ''] = await podsOf(cluster, client.namespace, 'app=client');
});

afterAll(async () => {
  await cluster?.node.stop();
  await cluster?.remove();
  await folder?.remove();
});

async function coredns(...words: readonly string[]): Promise<Ended> {
  // Whatever it waits for, to take up and to put back, it is to say so before the test is over.
  const patience = words[0] === 'show' || words.includes('--wait-duration') ? [] : ['--wait-duration', '40s'];
  const ended = await operator.run(['coredns', ...words, ...patience, ...context]);
  console.log(`coredns ${words.join(' ')}: ${(ended.milliseconds / 1_000).toFixed(1)} s`);
  return ended;
}

function configMap(name: string): Promise<Manifest | undefined> {
  return cluster.admin.get({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'kube-system', name },
  });
}

async function corefile(): Promise<string> {
  return (await configMap('coredns'))?.['data'].Corefile;
}

async function write(Corefile: string): Promise<void> {
  const metadata = { namespace: 'kube-system', name: 'coredns' };
  await cluster.admin.merge({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, { data: { Corefile } });
}

/**
 * Writes it, and waits until every pod has tried to take it up.
 *
 * @param text one that no pod has ever seen: a pod says only which it saw last, and some may be behind
 */
async function untilSeen(text: string): Promise<void> {
  const before = await hashes();
  await write(text);
  const isNew = (seen: readonly string[]) => seen.every(hash => hash !== '' && !before.includes(hash));
  await waitFor('every pod has seen it', hashes, isNew, 30_000);
}

/** Of the text that each pod has seen last. */
async function hashes(): Promise<string[]> {
  const pods = await podsOf(cluster, 'kube-system', 'k8s-app=kube-dns');
  const pages = pods.map(async name => {
    const path = `/api/v1/namespaces/kube-system/pods/${name}:9153/proxy/metrics`;
    const { body } = await cluster.admin.request('GET', path);
    return /version_info\{.*value="(\w+)"/.exec(`${body}`)?.[1] ?? '';
  });
  return Promise.all(pages);
}

/** Who answers for the zone: Causeway says who it is in the SOA, which nobody else has. */
function soa(...server: readonly string[]): Promise<string> {
  const words = ['dig', '+short', '+tries=1', '+time=2', ...server, 'clusterset.local', 'SOA'];
  return cluster.node.exec({ ...client, name: clientPod }, words).catch(error => `${error}`);
}

const CAUSEWAY = /^ns\.dns\.clusterset\.local\. /;

/** By each pod of CoreDNS, and as every pod asks. */
async function answers(): Promise<string[]> {
  const pods = await cluster.admin.list('v1', 'Pod', 'kube-system', 'k8s-app=kube-dns');
  const staying = pods.filter(({ metadata }) => metadata['deletionTimestamp'] === undefined);
  const addresses = staying.map(({ status }) => `@${status.podIP}`);
  return Promise.all([...addresses.map(address => soa(address)), soa()]);
}

async function shown(): Promise<CoreDnsShow> {
  return JSON.parse((await coredns('show', '-o', 'json')).output);
}

describe('a stock CoreDNS', () => {
  test('show: the block for everything answers, and no pod forwards the zone', async () => {
    const { code, output } = await coredns('show');
    expect(code).toBe(1);
    expect(output).toMatch(/^kube-system\/coredns\/Corefile {2}\.:53 +Corefile:1 /m);
    expect(output.match(/^coredns-\S+ +node-\d +kube-system\/coredns +absent$/gm)).toHaveLength(2);
  });

  test('install: every pod forwards the zone when it is done', async () => {
    const { code, output, told } = await coredns('install');
    expect([code, told]).toEqual([0, expect.stringContaining('✓ Wait until every pod runs it')]);
    expect(output.match(/^✓ coredns-\S+: forwards clusterset.local$/gm)).toHaveLength(2);
    expect((await corefile()).startsWith(`${stockCorefile}# causeway: begin\n`)).toBe(true);
    expect(await answers()).toEqual(Array(3).fill(expect.stringMatching(CAUSEWAY)));
    expect(await coredns('show')).toMatchObject({ code: 0 });
  });

  test('install again: unchanged', async () => {
    const before = await configMap('coredns');
    const { code, output } = await coredns('install');
    expect([code, output.split('\n')[0]]).toEqual([0, 'kube-system/coredns/Corefile: unchanged']);
    expect(await configMap('coredns')).toEqual(before);
  });

  test('a Service that was made anew has another address: show says so, install takes it over', async () => {
    const metadata = { namespace: 'causeway-system', name: 'causeway-dns' };
    const reference = { apiVersion: 'v1', kind: 'Service', metadata };
    const spec = (await cluster.admin.get(reference))?.['spec'];
    await cluster.admin.delete(reference);
    const { clusterIPs: _, ...kept } = spec;
    await cluster.admin.apply({
      ...reference,
      spec: { ...kept, clusterIP: serviceAddress(cluster.description, 77) },
    });
    const { findings } = await shown();
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'coredns.forward-stale', verdict: 'bad' }),
    );
    expect(await coredns('install')).toMatchObject({ code: 0 });
    expect(await answers()).toEqual(Array(3).fill(expect.stringMatching(CAUSEWAY)));
  });

  test('remove: the former text to the octet, and nobody forwards the zone', async () => {
    const { code, output } = await coredns('remove');
    expect([code, await corefile()]).toEqual([0, stockCorefile]);
    expect(output.match(/^✓ coredns-\S+: runs without clusterset.local$/gm)).toHaveLength(2);
    for (const answer of await answers()) expect(answer).not.toMatch(CAUSEWAY);
  });
});

describe('a Corefile that CoreDNS does not load', () => {
  test('because it was broken before: install puts it back as it was', async () => {
    await write(stockCorefile + BROKEN);
    const { code, output } = await coredns('install');
    expect([code, await corefile()]).toEqual([1, stockCorefile + BROKEN]);
    expect(output).toMatch(
      /^✗ coredns-\S+: does not take up the new Corefile, and goes on with the old one: .*nosuchplugin/m,
    );
    expect(output).toContain('kube-system/coredns/Corefile: changed, and put back as it was\n');
  });

  test('because somebody breaks it in the meantime: our lines go, theirs stay', async () => {
    // Lines are counted in what CoreDNS tells texts apart by.
    const text = `\n${stockCorefile}`;
    await untilSeen(text);
    const running = operator.start(['coredns', 'install', ...context]);
    await waitFor('the stanza is there', corefile, found => found.includes('causeway: begin'));
    await write((await corefile()) + BROKEN);
    expect(await running.ended).toMatchObject({ code: 1 });
    expect(await corefile()).toBe(text + BROKEN);
  });

  test('the pods have gone on with what they had', async () => {
    const words = ['dig', '+short', 'kubernetes.default.svc.cluster.local'];
    const address = await cluster.node.exec({ ...client, name: clientPod }, words);
    expect(address).toBe(`${serviceAddress(cluster.description, 1)}\n`);
  });
});

describe('a Corefile without reload', () => {
  const deaf = stockCorefile.replace('    reload 2s\n', '');

  beforeAll(async () => {
    await untilSeen(deaf);
    // A CoreDNS that had it takes up one more change.
    const pods = await podsOf(cluster, 'kube-system', 'k8s-app=kube-dns');
    for (const name of pods) await cluster.node.crash({ namespace: 'kube-system', name });
    await waitFor(
      'all have started anew',
      hashes,
      seen => seen.length === 2 && seen.every(hash => hash === ''),
    );
  });

  test('install writes nothing, unless it may start the pods anew', async () => {
    const { code, told } = await coredns('install');
    expect([code, await corefile()]).toEqual([1, deaf]);
    expect(told).toContain('found no `reload` in any block');
  });

  test('show: a pod that still runs the old text beside one that has the new', async () => {
    expect(await coredns('install', '--wait-duration', '0s')).toMatchObject({ code: 0 });
    // What a node takes to bring it to its pods, and more than a `reload 2s` would need.
    await sleep(4_000);
    const [name = ''] = await podsOf(cluster, 'kube-system', 'k8s-app=kube-dns');
    await cluster.node.crash({ namespace: 'kube-system', name });
    const replicas = async () => (await shown()).replicas.map(({ stanza }) => stanza).sort();
    await waitFor('one has started anew', replicas, seen => `${seen}` === 'absent,present', 30_000);
    const { code, output } = await coredns('show');
    expect(code).toBe(1);
    expect(output).toMatch(
      /^✗ coredns-\S+: runs without the stanza, and does not forward clusterset.local$/m,
    );
    expect(output).toContain('  → it still runs with an old Corefile; ');
  });

  test('install --restart: all pods are new ones, and forward the zone', async () => {
    const before = await podsOf(cluster, 'kube-system', 'k8s-app=kube-dns');
    expect(await coredns('install', '--restart')).toMatchObject({ code: 0 });
    const after = await podsOf(cluster, 'kube-system', 'k8s-app=kube-dns');
    expect(after.filter(name => before.includes(name))).toEqual([]);
    // Until kube-proxy has heard of it the Service leads to those that are gone; what fails it tries again after 30 s.
    const all = (seen: readonly string[]): boolean => seen.every(answer => CAUSEWAY.test(answer));
    await waitFor('the zone is forwarded', answers, all, 60_000);
  });
});

describe('a CoreDNS whose distribution writes the Corefile', () => {
  test('install: ConfigMap coredns-custom is made, and every pod forwards the zone', async () => {
    await installCoreDns(cluster, { custom: true });
    // Queries of the last second may still go to those that are ending, which nobody gives another Corefile.
    const pods = () => cluster.admin.list('v1', 'Pod', 'kube-system', 'k8s-app=kube-dns');
    await waitFor('the pods of before are gone', pods, ({ length }) => length === 2, 60_000);
    const before = await corefile();
    const installed = await coredns('install');
    expect(installed).toMatchObject({ code: 0 });
    expect(installed.output).toContain('kube-system/coredns-custom/clusterset.server: created\n');
    expect(await corefile()).toBe(before);
    expect(await answers()).toEqual(Array(3).fill(expect.stringMatching(CAUSEWAY)));
    expect(await coredns('show')).toMatchObject({ code: 0 });
  });

  test('remove: it is gone', async () => {
    expect(await coredns('remove')).toMatchObject({ code: 0 });
    expect(await configMap('coredns-custom')).toBeUndefined();
    for (const answer of await answers()) expect(answer).not.toMatch(CAUSEWAY);
  });
});
