import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { accountToken, grant, revokeTokens } from './bed/accounts.ts';
import type { Api } from './bed/api.ts';
import { Bed } from './bed/bed.ts';
import type { Cluster } from './bed/cluster.ts';
import { kubectl } from './bed/kubectl.ts';
import type { Cut, Link } from './bed/link.ts';
import { sharedBed } from './bed/shared.ts';
import { Workload } from './bed/workload.ts';
import { temporaryFolder } from './kit/leftovers.ts';
import { run } from './kit/process.ts';
import { waitFor } from './kit/wait.ts';

/** The bed that the suites about clusters stand on: that it is real, and that its faults are what they say. */
let bed: Bed;
/** The one that has to suffer. */
let north: Cluster;

beforeAll(async () => {
  bed = await sharedBed();
  north = bed.cluster('north');
});

const configMap = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name },
});

test('three clusters, each with its own identity in one cluster set', async () => {
  const identities = await Promise.all(
    bed.clusters.map(async ({ name, admin }) => {
      const version = (await admin.request('GET', '/version')).body.gitVersion;
      const properties = await admin.list('about.k8s.io/v1beta1', 'ClusterProperty');
      return [name, version, ...properties.map(property => property['spec'].value)].join(' ');
    }),
  );
  expect(identities).toEqual(['east v1.36.3 east bed', 'west v1.36.3 west bed', 'north v1.36.3 north bed']);
});

describe('a workload', () => {
  test('gets its EndpointSlices from the real controller', async () => {
    const pay = await Workload.deploy(bed.cluster('east'), { namespace: 'bed', name: 'pay', replicas: 3 });
    expect(pay.clusterIP).toMatch(/^10\.110\./);

    await pay.ready(1, false);
    await pay.terminate(2);
    const [slice, ...others] = await pay.slices();
    expect(others).toEqual([]);
    const conditions = slice?.['endpoints'].map(
      (endpoint: { addresses: string[]; conditions: object; zone: string }) => [
        ...endpoint.addresses,
        endpoint.conditions,
        endpoint.zone,
      ],
    );
    const [first, second, third] = pay.addresses();
    expect(new Set(conditions)).toEqual(
      new Set([
        [first, { ready: true, serving: true, terminating: false }, 'east-a'],
        [second, { ready: false, serving: false, terminating: false }, 'east-b'],
        [third, { ready: false, serving: true, terminating: true }, 'east-c'],
      ]),
    );

    await pay.scale(1);
    expect(pay.addresses()).toEqual([first]);
    await pay.remove();
  });

  test('has names and both families when it is stateful and dual stack', async () => {
    const db = await Workload.deploy(bed.cluster('west'), {
      namespace: 'bed',
      name: 'db',
      replicas: 2,
      headless: true,
      stateful: true,
      families: ['IPv4', 'IPv6'],
    });
    const endpoints = (await db.slices()).flatMap(slice => slice['endpoints']);
    expect(endpoints.map(({ hostname, addresses }) => `${hostname} ${addresses}`).toSorted()).toEqual(
      ['IPv4', 'IPv6']
        .flatMap(family => db.addresses(family as 'IPv4' | 'IPv6').map((address, n) => `db-${n} ${address}`))
        .toSorted(),
    );
    const before = db.addresses();
    await db.replace(0);
    expect(db.addresses()[0]).not.toBe(before[0]);
    await db.remove();
  });
});

describe('who may do what', () => {
  const account = { namespace: 'bed', name: 'reader' };
  const services = '/api/v1/namespaces/bed/services';

  test('a service account may do nothing, then what it is granted, then nothing with an old token', async () => {
    const east = bed.cluster('east');
    const token = await accountToken(east, account);
    const reader = east.api({ token });
    expect(await reader.request('GET', services)).toMatchObject({ status: 403 });

    await grant(east, account, [{ apiGroups: [''], resources: ['services'], verbs: ['list'] }], 'bed');
    await waitFor(
      'the role holds',
      () => reader.request('GET', services),
      ({ status }) => status === 200,
    );
    expect(await reader.request('GET', '/api/v1/services')).toMatchObject({ status: 403 });
    await expect(kubectl(east, ['get', 'pods', '-n', 'bed'], { token })).rejects.toThrow('Forbidden');

    await revokeTokens(east, account, token);
    const renewed = east.api({ token: await accountToken(east, account) });
    expect(await renewed.request('GET', services)).toMatchObject({ status: 200 });
    reader.close();
    renewed.close();
  });

  test('a token can end within seconds', async () => {
    const token = await accountToken(bed.cluster('east'), account, 2);
    const reader = bed.cluster('east').api({ token });
    expect(await reader.request('GET', services)).toMatchObject({ status: 200 });
    const ask = () => reader.request('GET', services);
    await waitFor('the token has ended', ask, ({ status }) => status === 401, 20_000);
    reader.close();
  });

  test('nobody asks anonymously but for the health', async () => {
    const anyone = bed.cluster('east').api({ token: '' });
    expect(await anyone.request('GET', '/readyz')).toMatchObject({ status: 200 });
    expect(await anyone.request('GET', services)).toMatchObject({ status: 401 });
    anyone.close();
  });
});

describe('faults of a cluster', () => {
  // What one of these leaves broken shall not break the next.
  afterEach(() => bed.restore());

  test('paused, it takes requests and answers none; resumed, it does', async () => {
    await north.pause();
    await expect(north.admin.request('GET', '/version', undefined, undefined, 1_000)).rejects.toThrow(
      'no reply',
    );
    await north.resume();
    expect(await north.admin.request('GET', '/version')).toMatchObject({ status: 200 });
  });

  test('killed, it refuses connections; started, it has what it had, on the same port', async () => {
    await north.admin.apply(configMap('kept'));
    await north.kill();
    await expect(north.admin.request('GET', '/version')).rejects.toThrow('ECONNREFUSED');
    await north.start();
    expect(await north.admin.get(configMap('kept'))).toBeDefined();
  });

  test('stopped and started, it has what it had, but no longer knows what changed before', async () => {
    const old = await north.admin.apply({ ...configMap('kept'), data: { at: 'first' } });
    for (const at of ['second', 'third']) await north.admin.apply({ ...configMap('kept'), data: { at } });
    await north.stop();
    expect(north.programs().filter(program => program.runs())).toEqual([]);
    await north.start();
    expect((await north.admin.get(configMap('kept')))?.['data']).toEqual({ at: 'third' });

    const watch = `watch=1&timeoutSeconds=1&resourceVersion=${old.metadata['resourceVersion']}`;
    const reply = await north.admin.request('GET', `/api/v1/namespaces/default/configmaps?${watch}`);
    expect(reply.body).toMatchObject({ type: 'ERROR', object: { code: 410 } });
  });

  test('wiped, it has nothing; restored, it has what a controller needs', async () => {
    await north.admin.apply(configMap('lost'));
    await north.wipeEtcd();
    expect(await north.admin.get(configMap('lost'))).toBeUndefined();
    expect(await north.admin.list('apiextensions.k8s.io/v1', 'CustomResourceDefinition')).toEqual([]);
    await bed.restore();
    expect(await north.admin.list('causeway.dev/v1alpha1', 'RemoteCluster')).toEqual([]);
  });
});

describe('a link', () => {
  let link: Link;

  beforeAll(async () => {
    link = await north.link();
  });

  afterAll(() => link?.close());

  test.each<{ cut: Cut; opened: string; opening: string }>([
    { cut: 'refuse', opened: 'closed', opening: 'ECONNREFUSED' },
    { cut: 'drop', opened: 'silent', opening: 'no reply within' },
    { cut: 'reset', opened: 'ECONNRESET', opening: 'ECONNRESET' },
  ])('cut by $cut: open connections are $opened, new ones $opening', async ({ cut, opened, opening }) => {
    const latecomer = north.api({ link });
    const otherLink = await north.link();
    const bystander = north.api({ link: otherLink });
    const early = await connection(link);

    await link.partition(cut);
    expect(await early.fate()).toBe(opened);
    await expect(version(latecomer)).rejects.toThrow(opening);
    expect(await version(bystander)).toMatchObject({ status: 200 });

    await link.heal();
    expect(await version(latecomer)).toMatchObject({ status: 200 });
    early.close();
    latecomer.close();
    bystander.close();
    await otherLink.close();
    await waitFor('no connection stays', () => link.connections === 0);
  });

  test('resets what is open once, and lets new connections through', async () => {
    const early = await connection(link);
    link.resetConnections();
    expect(await early.fate()).toBe('ECONNRESET');
    const latecomer = north.api({ link });
    expect(await version(latecomer)).toMatchObject({ status: 200 });
    latecomer.close();
  });

  const version = (api: Api) => api.request('GET', '/version', undefined, undefined, 2_000);

  /** An open connection to the API server, and what becomes of it: it says nothing for half a second, or the end. */
  async function connection(through: Link): Promise<{ fate(): Promise<string>; close(): void }> {
    const socket = connect({
      port: through.port,
      host: '127.0.0.1',
      ca: Buffer.from(north.pki.root(), 'base64'),
    });
    const ended = new Promise<string>(resolve => {
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.on('close', () => resolve('closed'));
      socket.on('data', () => resolve('answered'));
    });
    await once(socket, 'secureConnect');
    const fate = (): Promise<string> => {
      socket.write('GET /readyz HTTP/1.1\r\nHost: north\r\n\r\n');
      return Promise.race([ended, sleep(500, 'silent')]);
    };
    return { fate, close: () => socket.destroy() };
  }
});

test('a bed that was started by hand says that it is up, and leaves nothing when it is down', async () => {
  const parent = await temporaryFolder('standing');
  const folder = join(parent.path, 'bed');
  const script = (name: string, ...args: string[]) =>
    run(process.execPath, [join(import.meta.dirname, 'bed', `${name}.ts`), '--folder', folder, ...args]);
  const undone = Bed.endWithProcess(join(folder, 'clusters'));
  try {
    expect(await script('up', '--clusters', '1')).toContain('1 clusters up in');
    const [east] = Bed.at(join(folder, 'clusters')).clusters;
    const programs = east?.programs() ?? [];
    const running = programs.filter(program => program.runs()).map(({ name }) => name);
    const pods = process.getuid?.() === 0 ? ['node'] : [];
    expect(running).toEqual(['etcd', 'kube-apiserver', 'kube-controller-manager', ...pods]);
    expect(await script('up', '--clusters', '1')).toContain('the bed is up already');
    expect(await script('down')).toContain('is down');
    expect(programs.filter(program => program.runs())).toEqual([]);
    expect(await script('down')).toContain('no bed at');
  } finally {
    undone();
    await parent.remove();
  }
});

test('a wait that is in vain says what it was for and what it saw', async () => {
  await expect(
    waitFor(
      'two',
      () => ({ seen: 1 }),
      ({ seen }) => seen === 2,
      30,
    ),
  ).rejects.toThrow('not within 30 ms: two; last seen: \nseen: 1');
});
