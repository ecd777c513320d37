import { symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Enable } from '../../../src/views/enable.ts';
import { Screen } from '../../kit/screen.ts';
import { accountToken, grant } from '../bed/accounts.ts';
import { Cluster } from '../bed/cluster.ts';
import { kubectl } from '../bed/kubectl.ts';
import { Operator } from '../bed/operator.ts';
import { ensureNodes } from '../bed/pods.ts';
import { toolPath } from '../kit/go-tools.ts';
import { type TemporaryFolder, temporaryFolder, undoAtEnd } from '../kit/leftovers.ts';
import { run } from '../kit/process.ts';
import { waitFor } from '../kit/wait.ts';

const root = join(import.meta.dirname, '../../..');

/** Into a cluster that runs pods, and out of it again. Its name is that of the context. */
let folder: TemporaryFolder;
let cluster: Cluster;
let operator: Operator;
/** Everything that was there before. */
let before: string[];

const ENABLE = ['enable', '--context', 'hill', '--cluster-id', 'hill', '--pod-cidr', '10.7.0.0/16'];
const DISABLE = ['disable', '--context', 'hill'];

beforeAll(async () => {
  folder = await temporaryFolder('enable');
  cluster = await Cluster.create(join(folder.path, 'hill'), 'hill', 7);
  undoAtEnd(() => cluster.killNow());
  await ensureNodes(cluster);
  await cluster.node.start();
  operator = await Operator.of(join(folder.path, 'kubeconfig'), [cluster]);
  await cluster.ensureNamespace('shop');
  before = await everything();
});

afterAll(async () => {
  await cluster?.node.stop();
  await cluster?.remove();
  await folder?.remove();
});

test('a dry run says what would come, by the word of the API server, and writes nothing', async () => {
  const { code, output } = await operator.run([...ENABLE, '--dry-run']);
  expect([code, output]).toEqual([
    0,
    expect.stringMatching(/^Deployment +causeway-system\/causeway-dns +to be created$/m),
  ]);
  expect(output).not.toContain('Next:');
  expect(await everything()).toEqual(before);
});

test('on a terminal, the steps are drawn again in place', async () => {
  const words = [process.execPath, join(root, 'src/main.js'), ...ENABLE, '--dry-run'];
  const typed = `stty cols 60; ${words.join(' ')} > /dev/null`;
  // Of util-linux: runs it on a pseudo-terminal, and repeats what appears there.
  const screen = new Screen();
  const variables = [`KUBECONFIG=${operator.kubeconfig}`, 'NO_COLOR=1', 'TERM=xterm'];
  screen.write(
    await run('env', [...variables, 'script', '--quiet', '--return', '--command', typed, '/dev/null']),
  );
  expect(screen.written).toContain('⠋ Check the cluster 0.0 s\r\n\u001b[1A\r\u001b[J');
  expect(screen.text.replaceAll(/\d+\.\d s/g, 'N s')).toBe(`✓ Check the cluster (N s)
✓ Compare definitions (N s)
✓ Compare who the cluster is (N s)
✓ Compare permissions and workloads (N s)
`);
});

test('who may only look is told what is missing, and changes nothing', async () => {
  const account = { namespace: 'shop', name: 'viewer' };
  await grant(cluster, account, [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }]);
  const token = await accountToken(cluster, account);
  const there = await everything();
  const viewer = await Operator.withKubeconfigs(join(folder.path, 'viewer'), [
    cluster.kubeconfigText({ token }),
  ]);
  const { code, output } = await viewer.run(ENABLE);
  expect(code).toBe(3);
  expect(output).toContain(`
✗ your credential: may not create, patch namespaces
✗ your credential: may not create, patch serviceaccounts in causeway-system
✗ your credential: may not create, patch clusterroles.rbac.authorization.k8s.io
`);
  expect(await everything()).toEqual(there);
  await kubectl(cluster, ['delete', 'clusterrole,clusterrolebinding', 'shop-viewer']);
  await kubectl(cluster, ['-n', 'shop', 'delete', 'serviceaccount', 'viewer']);
});

test.each(['Apply definitions', 'Apply permissions and workloads'])(
  'ended while it does: %s',
  async title => {
    const command = operator.start(ENABLE);
    const previous = title === 'Apply definitions' ? 'Check the cluster' : 'Say who the cluster is';
    await waitFor(`${previous} is done`, command.told, told => told.includes(`✓ ${previous}`));
    command.signal('SIGINT');
    expect(await command.ended).toMatchObject({ code: 130, output: '' });
  },
);

test('the run after that brings it in, until all of it runs', async () => {
  const { code, output, told, milliseconds } = await operator.run(ENABLE);
  console.log(`enabled in ${(milliseconds / 1_000).toFixed(1)} s`);
  expect(output).toContain('✓ causeway-dns: 2 of 2 pods ready\n✓ causeway-controller: 2 of 2 pods ready\n');
  expect(output).toContain('\nNext: causeway connect --context hill --destination-context <another>\n');
  expect(told).toMatch(/^✓ Check the cluster \(\d+\.\d s\)\n✓ Apply definitions \(\d+\.\d s\)\n/);
  expect(code).toBe(0);
});

test('the next one changes nothing', async () => {
  const { code, output } = await operator.run([...ENABLE, '-o', 'json']);
  const { objects, findings }: Enable = JSON.parse(output);
  expect(objects.filter(({ change }) => change !== 'unchanged')).toEqual([]);
  expect(findings.filter(({ verdict }) => verdict !== 'good')).toEqual([]);
  expect(code).toBe(0);
});

test('kubectl runs it as its own', async () => {
  await symlink(join(root, 'src/main.js'), join(folder.path, 'kubectl-causeway'));
  const path = [folder.path, dirname(process.execPath), process.env['PATH']].join(delimiter);
  const variables = [`PATH=${path}`, `KUBECONFIG=${operator.kubeconfig}`];
  const ask = (...words: string[]) => run('env', [...variables, toolPath('kubectl'), 'causeway', ...words]);
  expect(await ask('enable', '--help')).toMatch(/^Usage: kubectl causeway enable /);
  expect(await ask('get', 'clusters', '--context', 'hill', '-o', 'json')).toContain('"clusters": []');
});

test('what it would apply is what is there, to kubectl as well', async () => {
  const { output } = await operator.run([...ENABLE, '-o', 'yaml']);
  const same = ['--server-side', '--force-conflicts', '--field-manager', 'causeway-cli', '-f', '-'];
  // Ends with 1 where something differs.
  expect(await kubectl(cluster, ['diff', ...same], { input: output })).toBe('');
});

test('another id is refused', async () => {
  const { code, output } = await operator.run(['enable', '--context', 'hill', '--cluster-id', 'valley']);
  expect([code, output]).toEqual([
    1,
    expect.stringContaining('✗ ClusterProperty cluster.clusterset.k8s.io: is "hill" already, not "valley"; '),
  ]);
});

test('disabled, all is as before, but for what users made', async () => {
  await kubectl(cluster, ['-n', 'shop', 'create', 'service', 'clusterip', 'payments', '--tcp=80']);
  await exportPayments();
  const dry = await operator.run([...DISABLE, '--exports', '--dry-run']);
  const done = await operator.run([...DISABLE, '--exports']);
  console.log(`disabled in ${(done.milliseconds / 1_000).toFixed(1)} s`);
  expect([done.code, done.output]).toEqual([
    0,
    dry.output.replaceAll('to be removed', 'removed      ').replaceAll(/ +$/gm, ''),
  ]);
  expect(await everything()).toEqual([...before, 'Service shop/payments'].toSorted());
});

test('what kubectl applies of it comes to the same', async () => {
  // Not found in a cluster, for none is asked.
  const enable = [...ENABLE, '--service-cidr', '10.96.0.0/16'];
  const { output: input } = await operator.run([...enable, '-o', 'yaml']);
  const apply = ['apply', '--server-side', '-f', '-'];
  // kubectl asks for every kind before it applies the first, so what is of a new one is left to a second run.
  await expect(kubectl(cluster, apply, { input })).rejects.toThrow('ensure CRDs are installed first');
  await kubectl(cluster, ['wait', '--for=condition=Established', 'crd/clusterproperties.about.k8s.io']);
  await kubectl(cluster, apply, { input });
  const { code, output } = await operator.run([...enable, '-o', 'json']);
  const { objects }: Enable = JSON.parse(output);
  expect([code, objects.filter(({ change }) => change !== 'unchanged')]).toEqual([0, []]);
});

test('disabled while the controller is dead, and ended in the middle, the next run does the rest', async () => {
  await exportPayments();
  await cluster.node.stop();
  await kubectl(cluster, ['-n', 'shop', 'delete', 'serviceexport', 'payments']);
  const command = operator.start(DISABLE);
  await waitFor('permissions are gone', command.told, told => told.includes('✓ Remove permissions'));
  command.signal('SIGINT');
  expect((await command.ended).code).toBe(130);
  expect((await operator.run(DISABLE)).code).toBe(0);
  expect(await everything()).toEqual([...before, 'Service shop/payments'].toSorted());
});

/** Resolves when the controller has written what it derives of that. */
async function exportPayments(): Promise<void> {
  const input =
    'apiVersion: multicluster.x-k8s.io/v1beta1\nkind: ServiceExport\nmetadata: {name: payments}\n';
  await kubectl(cluster, ['-n', 'shop', 'apply', '-f', '-'], { input });
  await waitFor(
    'the import and its Service',
    () => kubectl(cluster, ['-n', 'shop', 'get', 'serviceimports,services', '-o', 'name']),
    found => found.includes('serviceimport') && found.includes('service/derived-'),
    30_000,
  );
}

/** Every object of every kind, but for what Kubernetes itself writes without end. */
async function everything(): Promise<string[]> {
  const listed = await kubectl(cluster, ['api-resources', '--verbs=list', '-o', 'name', '--no-headers']);
  const kinds = listed
    .trim()
    .split('\n')
    .filter(kind => !/^events|^leases\.|^endpoint|^ipaddresses|^pods\.metrics/.test(kind));
  const text = await kubectl(cluster, ['get', kinds.join(','), '-A', '-o', 'json', '--ignore-not-found']);
  const found: { kind: string; metadata: { namespace?: string; name: string } }[] =
    text === '' ? [] : JSON.parse(text).items;
  return found
    .map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace ?? ''}/${name}`)
    .toSorted();
}
