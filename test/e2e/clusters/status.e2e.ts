import { join } from 'node:path';
import { parse } from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Status } from '../../../src/views/status.ts';
import type { Manifest } from '../bed/api.ts';
import type { Cluster } from '../bed/cluster.ts';
import { exportReference, untilImported } from '../bed/look.ts';
import { Member } from '../bed/member.ts';
import { forwardClusterSet, installCoreDns } from '../bed/node/coredns.ts';
import { deployEcho, podsOf, untilAvailable } from '../bed/node/pods.ts';
import { type Ended, Operator } from '../bed/operator.ts';
import { sharedBed } from '../bed/shared.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/leftovers.ts';
import { waitFor } from '../kit/wait.ts';

/** What an operator is told of a cluster, while things in it and around it work and do not. */
const system = 'causeway-system';
const controller = { namespace: system, name: 'causeway-controller' };
const dns = { namespace: system, name: 'causeway-dns' };
const shop = { namespace: `shop-${Date.now().toString(36)}`, name: 'echo' };
/** Milliseconds in which whatever has changed is told of. */
const limit = 60_000;

let folder: TemporaryFolder;
let members: Member[];
let east: Cluster;
let west: Cluster;
let operator: Operator;

beforeAll(async () => {
  const bed = await sharedBed();
  [east, west] = [bed.cluster('east'), bed.cluster('west')];
  folder = await temporaryFolder('status');
  operator = await Operator.of(join(folder.path, 'kubeconfig'), [east, west]);
  members = await Promise.all([east, west].map(cluster => Member.install(cluster)));
  await Promise.all([east, west].map(({ node }) => node.start()));
  await Promise.all(
    [east, west].flatMap(cluster => [
      installCoreDns(cluster),
      untilAvailable(cluster, controller),
      untilAvailable(cluster, dns),
    ]),
  );
  const [eastern, western] = members;
  if (eastern === undefined || western === undefined) throw new Error('two members');
  await eastern.connect(western, {}, true);
  await forwardClusterSet(east);
});

afterAll(async () => {
  await west?.start();
  await Promise.all((members ?? []).map(member => member.leave()));
  for (const cluster of [east, west]) {
    await cluster?.admin.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: shop.namespace } });
    await cluster?.node.stop();
  }
  await folder?.remove();
});

const status = (...flags: string[]): Promise<Ended> =>
  operator.run(['status', '--context', 'east', ...flags]);

/** Resolves with the status once it is one of which that holds. */
async function untilStatus(what: string, holds: (seen: Ended) => boolean): Promise<Ended> {
  return waitFor(`the status says that ${what}`, () => status(), holds, limit);
}

/** Everything is good again, with time left in the test to say what was not. */
async function untilGreen(): Promise<void> {
  const { code, output } = await status('--wait', '--wait-duration', '90s');
  expect(code, output).toBe(0);
}

/** Nothing that a controller has written may be shown as good. */
function nothingGreen({ output }: Ended): boolean {
  return !/✓ (Answering|Synced|Serving)/.test(output);
}

async function scale(named: typeof controller, replicas: number): Promise<void> {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: named };
  await east.admin.merge(deployment, { spec: { replicas } });
}

test('all is well: exit code 0, and all of it green', async () => {
  const { code, output } = await status('--wait', '--wait-duration', '2m');
  expect(output).toMatch(
    /\n✓ \d+ checks: \d+ good(, \d+ warning)?\n$|\n⚠ \d+ checks: \d+ good, \d+ warning\n$/,
  );
  expect(code).toBe(0);
  expect(output).toMatch(/^west +west +✓ Answering +✓ Synced +✓ Serving /m);
  expect(output.match(/^controller +\S+ +✓/gm)).toHaveLength(2);
  expect(output.match(/^dns +\S+ +✓.* synced, serial \d+, \d+ services$/gm)).toHaveLength(2);
  expect(output.match(/^coredns +\S+ +✓.* forwards clusterset\.local$/gm)).toHaveLength(2);
});

test('as JSON it is what the schema says, and it takes less than 1.5 s', async () => {
  const times: number[] = [];
  // Where others use the machine as well, one that was left alone for the moment shows what it takes.
  while (times.length < 5 || (Math.min(...times) >= 1_500 && times.length < 15)) {
    const { code, output, milliseconds } = await status('-o', 'json');
    expect(code).toBe(0);
    const found = JSON.parse(output);
    expect(parse(Status, found)).toEqual(found);
    times.push(milliseconds);
  }
  console.log(`causeway status took ${times.map(time => Math.round(time)).join(', ')} ms`);
  expect(Math.min(...times)).toBeLessThan(1_500);
});

describe('a service', () => {
  const flags = ['-n', shop.namespace];
  const annotations = async () => (await west.admin.get(exportReference(shop)))?.metadata.annotations;

  test('is exported by a command, and what was asked before stays, whoever else writes', async () => {
    await Promise.all([deployEcho(west, { ...shop, replicas: 2 }), east.ensureNamespace(shop.namespace)]);
    const command = ['export', shop.name, '--context', 'west', '--wait', ...flags];
    const first = await operator.run([...command, '--weight', '80']);
    expect([first.code, first.output]).toEqual([0, expect.stringContaining('Ready is True (Ready)')]);
    await west.admin.merge(exportReference(shop), { metadata: { annotations: { owner: 'somebody' } } });
    expect((await operator.run([...command, '--affinity', 'local'])).code).toBe(0);
    expect(await annotations()).toEqual({
      owner: 'somebody',
      'causeway.dev/weight': '80',
      'causeway.dev/affinity': 'local',
    });
    const again = await operator.run([...command, '--weight', '80']);
    expect(again.output).toContain(`ServiceExport ${shop.namespace}/${shop.name}: unchanged\n`);
  });

  test('does not get back what somebody has taken from it', async () => {
    await west.admin.merge(exportReference(shop), {
      metadata: { annotations: { 'causeway.dev/affinity': null } },
    });
    await operator.run(['export', shop.name, '--context', 'west', ...flags, '--ttl', '5']);
    expect(await annotations()).toEqual({
      owner: 'somebody',
      'causeway.dev/weight': '80',
      'causeway.dev/ttl': '5',
    });
  });

  test('is listed where it is imported, with its endpoints', async () => {
    await untilImported(east, shop);
    const list = (...words: string[]) => operator.run(['get', ...words, '--context', 'east']);
    const services = await waitFor(
      'both endpoints are imported',
      () => list('services', ...flags),
      ({ output }) => output.includes('west 2/2 weight 80'),
      limit,
    );
    expect(services.output).toMatch(/^\S+ +echo +ClusterSetIP /m);
    const endpoints = await list('endpoints', shop.name, ...flags);
    expect(endpoints.output.match(new RegExp(`^west/${shop.namespace}/\\S+ .* ✓ `, 'gm'))).toHaveLength(2);
    const selected = await list('endpoints', '--selector', 'multicluster.kubernetes.io/source-cluster=west');
    expect(selected.output).toContain(`west/${shop.namespace}/`);
    const nodes = await list('nodes');
    expect(nodes.output.match(/^node-\d +✓ /gm)).toHaveLength(3);
    const { output } = await status('-o', 'json');
    const [remote] = parse(Status, JSON.parse(output)).remotes;
    expect(remote).toMatchObject({ services: 1, endpoints: 2 });
    expect(remote?.lag?.last).toBeLessThan(10_000);
  });

  test('is taken back by a command', async () => {
    const command = ['unexport', shop.name, '--context', 'west', ...flags];
    expect((await operator.run(command)).output).toContain('is not exported any more\n');
    expect(await west.admin.get(exportReference(shop))).toBeUndefined();
    expect((await operator.run(command)).output).toBe(`✓ ${shop.namespace}/${shop.name} was not exported\n`);
  });
});

test('a DNS daemon is down: which, and that it is not ready', async () => {
  const [name = ''] = await podsOf(east, system, 'app.kubernetes.io/component=dns');
  // It is back within a second, which may pass before the look at it; or it is still down at the next one.
  const look = async (): Promise<Ended> => {
    await east.node.crash({ namespace: system, name }).catch(() => undefined);
    return status();
  };
  const isDown = ({ code, output }: Ended): boolean => code === 1 && output.includes(name);
  const seen = await waitFor('the status says that it is down', look, isDown, limit);
  expect(seen.output).toMatch(new RegExp(`^[✗?] ${name}: `, 'm'));
  await untilGreen();
});

test('a replica of CoreDNS still runs with the Corefile of before', async () => {
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'kube-system', name: 'coredns' },
  };
  const text = (await east.admin.get(configMap))?.['data'].Corefile as string;
  const without = text.slice(0, text.indexOf('clusterset.local')).replace('    reload 2s\n', '');
  await east.admin.merge(configMap, { data: { Corefile: without } });
  // One that has had `reload` looks at the file once more after that is taken out; one that starts without never does.
  for (const name of await podsOf(east, 'kube-system', 'k8s-app=kube-dns')) {
    await east.admin.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'kube-system', name } });
  }
  const bare = await untilStatus(
    'none has the stanza',
    ({ output }) => output.match(/ stanza absent$/gm)?.length === 2,
  );
  expect(bare.output).toContain('put the stanza in with `causeway coredns install`');
  await east.admin.merge(configMap, { data: { Corefile: text } });
  const [renewed = '', old = ''] = await podsOf(east, 'kube-system', 'k8s-app=kube-dns');
  const pod: Manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'kube-system', name: renewed },
  };
  await east.admin.delete(pod);
  const half = await untilStatus(
    'one has it',
    ({ output }) => / forwards clusterset\.local$/m.test(output) && / stanza absent$/m.test(output),
  );
  expect(half.code).toBe(1);
  expect(half.output).toContain(`✗ ${old}: runs without the stanza, and does not forward clusterset.local\n`);
  expect(half.output).toContain('it still runs with an old Corefile');
  await east.admin.delete({ ...pod, metadata: { namespace: 'kube-system', name: old } });
  await untilGreen();
});

test('the remote API server is killed: which cluster, and since when', async () => {
  await west.kill();
  const lost = await untilStatus('west is lost', ({ output }) =>
    output.includes('west: Serving is False (Lost)'),
  );
  expect(lost.code).toBe(1);
  expect(lost.output).toMatch(/^✗ west: ControlPlaneReachable is False \(\w+\) since \d{4}-\S+Z: /m);
  await west.start();
  await untilGreen();
});

test('the controller is gone: what it wrote is unknown, and never green', async () => {
  await scale(controller, 0);
  const look = () => podsOf(east, system, 'app.kubernetes.io/component=controller');
  await waitFor('no controller runs', look, seen => seen.length === 0, limit);
  const gone = await status();
  expect(gone.code).toBe(1);
  expect(gone.output).toContain('Leading controller: unknown\n');
  expect(gone.output).toMatch(/^\? west: Synced is True \(Synced\) since /m);
  expect(nothingGreen(gone)).toBe(true);
  await scale(controller, 2);
  await untilGreen();
});

test('controllers that crash: from that moment on nothing is green until one leads', async () => {
  const pods = await podsOf(east, system, 'app.kubernetes.io/component=controller');
  await Promise.all(pods.map(name => east.node.crash({ namespace: system, name })));
  const after = await status();
  // Whoever has come back by now and leads may be believed; nobody else.
  expect(nothingGreen(after) || /^Leading controller: causeway-/m.test(after.output)).toBe(true);
  await untilGreen();
});
