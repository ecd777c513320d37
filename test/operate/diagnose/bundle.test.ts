import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chosenChecks, diagnosisOf } from '../../../src/diagnose/diagnosis.ts';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { remoteKubeconfig } from '../../../src/kube/remote-kubeconfig.ts';
import { claimBundle, writeBundle } from '../../../src/operate/diagnose/bundle.ts';
import { gatherFacts } from '../../../src/operate/diagnose/gather.ts';
import { ControlledCluster } from '../../kit/controlled-cluster.ts';

const signal = new AbortController().signal;
const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJlLW9mLWl0';
const PEM =
  '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----';
/** What must not be found anywhere, and what would give it away in another form. */
const PLANTED = ['opaque-alpha-1', 'opaque-beta-2', 'opaque-gamma-3', 'opaque-delta-4', 'a-secret-token'];

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'causeway-bundle-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A cluster in which people have left credentials wherever they can be left. */
async function careless(): Promise<ControlledCluster> {
  const [east, west] = await Promise.all([ControlledCluster.start('east'), ControlledCluster.start('west')]);
  const { api } = east;
  api.pages.set('/version', { status: 200, text: '{"gitVersion": "v1.34.1"}' });
  east.connect(west);
  const applied = JSON.stringify({ data: { token: 'opaque-alpha-1', jwt: JWT } });
  api.load(`
apiVersion: v1
kind: Secret
metadata: {namespace: causeway-system, name: other}
type: Opaque
data: {key: ${Buffer.from('opaque-delta-4').toString('base64')}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  namespace: causeway-system
  name: causeway-dns
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: ${JSON.stringify(applied)}
    note: ${JSON.stringify(`from ${west.kubeconfig()}`)}
spec: {replicas: 1, template: {spec: {containers: [{name: dns, args: [--password=opaque-beta-2]}]}}}
---
apiVersion: v1
kind: Pod
metadata:
  namespace: causeway-system
  name: causeway-dns-0
  labels: {app.kubernetes.io/name: causeway, app.kubernetes.io/component: dns}
spec: {containers: [{name: dns, image: causeway, env: [{name: KEY, value: opaque-beta-2}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {namespace: kube-system, name: coredns}
data: {Corefile: "azure shop:example.org {secret opaque-beta-2\\n}\\n# ${Buffer.from(west.kubeconfig()).toString('base64')}"}
`);
  const remote = api.store.get('causeway.dev/remoteclusters', '', 'west');
  api.put({
    ...remote,
    metadata: { ...remote?.metadata, annotations: { key: PEM, opaque: 'opaque-delta-4' } },
  });
  const pod = '/api/v1/namespaces/causeway-system/pods/causeway-dns-0';
  const log = [
    'asked https://me:opaque-gamma-3@host/',
    `Authorization: Bearer opaque-beta-2`,
    `{"msg":"token","token":"opaque-alpha-1"}`,
    JWT,
    PEM,
    'opaque-delta-4, which is in a Secret',
    'answered 12 queries',
  ].join('\n');
  api.pages.set(`${pod}/log?tailLines=1000&limitBytes=1048576&previous=false`, { status: 200, text: log });
  api.pages.set(`${pod}:9353/proxy/metrics`, {
    status: 200,
    text: `# ${JWT}\ncauseway_dns_queries_total 1\n`,
  });
  return east;
}

async function bundled(cluster: ControlledCluster, path: string, contexts = ['east']) {
  await claimBundle(path, false);
  return written(cluster, path, contexts);
}

async function written(cluster: ControlledCluster, path: string, contexts = ['east']) {
  const connection = remoteKubeconfig(cluster.kubeconfig());
  const clusters = contexts.map(context => ({ context, connection, client: new HttpsApiClient(connection) }));
  onTestFinished(() => {
    for (const { client } of clusters) client.close();
  });
  const options = { namespace: 'causeway-system', version: '0.1.0' };
  const facts = await gatherFacts(clusters.slice(0, 1), options.namespace, options.version, signal);
  const diagnosis = diagnosisOf(facts, chosenChecks(undefined));
  return writeBundle(path, clusters, diagnosis, options, signal);
}

/** What the real tar makes of it: text by path. */
function unpacked(path: string): Map<string, string> {
  const into = join(folder(), 'unpacked');
  mkdirSync(into);
  execFileSync('tar', ['-xzf', path, '-C', into]);
  const entries = readdirSync(into, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return new Map(
    entries.map(entry => {
      const file = join(entry.parentPath, entry.name);
      return [file.slice(into.length + 1), readFileSync(file, 'utf8')];
    }),
  );
}

describe('a bundle', () => {
  test('holds what a helper needs, and nothing that gives access', async () => {
    const path = join(folder(), 'east.tgz');
    const east = await careless();
    const { files } = await bundled(east, path);
    const found = unpacked(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(found.size).toBe(files);
    expect([...found.keys()].sort()).toEqual(
      expect.arrayContaining([
        'cut.txt',
        '1-east/objects/deployments.json',
        '1-east/objects/nodes.json',
        '1-east/pods/causeway-dns-0/debug-mesh.txt',
        '1-east/pods/causeway-dns-0/log-before.txt',
        '1-east/pods/causeway-dns-0/log.txt',
        '1-east/secrets.json',
        'findings.json',
        'findings.txt',
      ]),
    );
    expect(found.get('1-east/pods/causeway-dns-0/log.txt')).toContain('answered 12 queries');
    expect(found.get('1-east/pods/causeway-dns-0/metrics.txt')).toContain('causeway_dns_queries_total 1');
    expect(found.get('findings.txt')).toContain('reach.name');
    expect(JSON.parse(found.get('1-east/objects/pods.json') ?? '')[0].spec.containers[0].env).toEqual([
      { name: 'KEY', value: '[removed]' },
    ]);
    const all = [...found.values()].join('\n');
    const forms = PLANTED.flatMap(secret => [
      secret,
      Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1),
    ]);
    expect(forms.filter(form => all.includes(form))).toEqual([]);
    expect(all).not.toContain(JWT.slice(0, 30));
    expect(all).not.toContain('PRIVATE KEY');
  });

  test('says of Secrets their names, entries and sizes, and where kubeconfigs lead', async () => {
    const path = join(folder(), 'east.tgz');
    await bundled(await careless(), path);
    expect(JSON.parse(unpacked(path).get('1-east/secrets.json') ?? '')).toMatchObject([
      { name: 'other', type: 'Opaque', entries: [{ key: 'key', octets: 14 }] },
      {
        name: 'west',
        entries: [
          { key: 'kubeconfig', server: expect.stringMatching(/^https:/), authority: 'CN=test authority' },
        ],
      },
    ]);
  });

  test('is cut where there is too much, and says so', async () => {
    const path = join(folder(), 'east.tgz');
    const east = await careless();
    const long = 'x'.repeat(1000);
    for (let number = 0; number < 501; number++) {
      const name = `e${number}`;
      east.api.put({ kind: 'ServiceExport', metadata: { namespace: 'shop', name, annotations: { long } } });
    }
    for (let number = 0; number < 499; number++) {
      const annotations = { long: 'y'.repeat(5000) };
      east.api.put({
        kind: 'ServiceImport',
        metadata: { namespace: 'shop', name: `i${number}`, annotations },
      });
    }
    await bundled(east, path);
    const found = unpacked(path);
    expect(found.get('cut.txt')?.split('\n').sort()).toEqual([
      '',
      '1-east/objects/serviceexports.json: only the first 500 objects are in it',
      expect.stringMatching(
        /^1-east\/objects\/serviceimports.json: its last \d+ of \d+ octets are left out$/,
      ),
    ]);
    expect(found.get('1-east/objects/serviceimports.json')?.length).toBe(2 * 1024 * 1024);
  });

  test('keeps clusters apart whose contexts begin alike, each in a folder of its own', async () => {
    const path = join(folder(), 'pair.tgz');
    const cloud = 'arn:aws:eks:eu-central-1:123456789012:cluster/';
    await bundled(await careless(), path, [`${cloud}east`, `${cloud}west`, '..']);
    const folders = [...unpacked(path).keys()].flatMap(name => /^(.*)\/secrets\.json$/.exec(name)?.[1] ?? []);
    expect(folders.sort()).toEqual([
      '1--1_123456789012_cluster_east',
      '2--1_123456789012_cluster_west',
      '3-..',
    ]);
  });

  test('never overwrites a file, unless it is told to', async () => {
    const path = join(folder(), 'east.tgz');
    writeFileSync(path, 'mine', { mode: 0o644 });
    await expect(claimBundle(path, false)).rejects.toThrow(
      `--bundle: ${path} is there already; give another name, or --force`,
    );
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await (await claimBundle(path, true))();
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await written(await careless(), path);
    expect([statSync(path).mode & 0o777, unpacked(path).has('findings.txt')]).toEqual([0o600, true]);
    expect(readdirSync(dirname(path))).toEqual(['east.tgz']);
  });

  test.each([
    ['a folder', (path: string) => mkdirSync(path)],
    ['a link to a file', (path: string) => symlinkSync('/etc/hostname', path)],
    ['a link that leads nowhere', (path: string) => symlinkSync('nowhere', path)],
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
  ])('never replaces %s', async (_, make) => {
    const path = join(folder(), 'east.tgz');
    make(path);
    const before = lstatSync(path);
    for (const force of [true, false]) {
      await expect(claimBundle(path, force)).rejects.toMatchObject({
        code: 'SETTING_INVALID',
        message: `--bundle: ${path} is no regular file, and nothing else is replaced; give another name`,
      });
    }
    expect(lstatSync(path)).toMatchObject({ ino: before.ino, mode: before.mode });
    expect(readdirSync(dirname(path))).toEqual(['east.tgz']);
  });

  test('that cannot be written is told in one line, and leaves the one that was there', async () => {
    // A name that is just short enough, so that none beside it is.
    const path = join(folder(), 'e'.repeat(250));
    writeFileSync(path, 'mine');
    await expect(claimBundle(path, true)).rejects.toThrow(/^--bundle: ENAMETOOLONG/);
    await expect(written(await careless(), path)).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      message: expect.stringMatching(/^--bundle: could not write .*: ENAMETOOLONG/),
    });
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  test('that cannot be written is told before anything is asked', async () => {
    await expect(claimBundle(join(folder(), 'no', 'such', 'folder.tgz'), false)).rejects.toThrow(
      /^--bundle: ENOENT/,
    );
  });
});
