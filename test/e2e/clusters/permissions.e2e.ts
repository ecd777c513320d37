import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountToken } from '../bed/accounts.ts';
import { type Api, type ApiReply, type Manifest, pathOf } from '../bed/api.ts';
import { Cluster } from '../bed/cluster.ts';
import { kubectl } from '../bed/kubectl.ts';
import { granted, permissions } from '../bed/permissions.ts';
import { type TemporaryFolder, temporaryFolder, undoAtEnd } from '../kit/leftovers.ts';
import { waitFor } from '../kit/wait.ts';
import {
  agent,
  allowed,
  controller,
  dns,
  exported,
  north,
  properties,
  refused,
  requests,
  slices,
  west,
} from './permission-tables.ts';

/** The identities of deploy/, on a cluster of their own where nobody else has granted anything. */
const root = join(import.meta.dirname, '../../..');

let folder: TemporaryFolder;
let cluster: Cluster;
const clients = new Map<string, Api>();

beforeAll(async () => {
  folder = await temporaryFolder('permissions');
  cluster = await Cluster.create(join(folder.path, 'east'), 'east', 4);
  undoAtEnd(() => cluster.killNow());
  await kubectl(cluster, ['apply', '--server-side', '-k', join(root, 'deploy/crds')]);
  for (const part of ['base', 'agent'])
    await kubectl(cluster, ['apply', '--server-side', '-k', join(root, 'deploy', part)]);
  const template = await kubectl(cluster, ['kustomize', join(root, 'deploy/remote-reader')]);
  for (const remote of ['west', 'north']) {
    const input = template.replaceAll('REMOTE', remote);
    await kubectl(cluster, ['apply', '--server-side', '-f', '-'], { input });
  }
  await cluster.ensureNamespace('shop');
  // Right after its definition a kind may answer "too many requests" once.
  for (const path of [
    exported('causeway-exports'),
    '/apis/multicluster.x-k8s.io/v1beta1/serviceimports',
    properties,
  ]) {
    await waitFor(
      `${path} is served`,
      () => cluster.admin.request('GET', path),
      ({ status }) => status === 200,
    );
  }
  for (const account of [controller, dns, agent, west, north]) {
    const [namespace = '', name = ''] = account.split('/');
    clients.set(account, cluster.api({ token: await accountToken(cluster, { namespace, name }) }));
  }
});

afterAll(async () => {
  for (const client of clients.values()) client.close();
  await cluster?.remove();
  await folder?.remove();
});

function as(account: string): Api {
  const client = clients.get(account);
  if (client === undefined) throw new Error(`nobody is ${account}`);
  return client;
}

describe('may do exactly this', () => {
  test.each(allowed)('$who in $where', async ({ who, where, what }) => {
    expect(await permissions(as(who), where)).toEqual(what.toSorted());
  });
});

describe('is refused', () => {
  test.each(refused)('$who', async ({ who, wishes }) => {
    const answers = await Promise.all(wishes.map(wish => granted(cluster, who, wish)));
    expect(wishes.filter((_, index) => answers[index])).toEqual([]);
  });
});

describe('with its own token', () => {
  test.each(requests)('$who: $status for $get', async ({ who, get, status }) => {
    expect((await as(who).request('GET', get)).status).toBe(status);
  });

  test('a remote reads what is private to it, and not what is private to another', async () => {
    expect(
      await statuses([west, north], who => as(who).request('GET', exported('causeway-exports-west'))),
    ).toEqual([200, 403]);
    expect(
      await statuses([west, north], who => as(who).request('GET', slices('causeway-exports-north'))),
    ).toEqual([403, 200]);
  });

  test('nobody but the controller applies a Service', async () => {
    const metadata = { namespace: 'shop', name: 'derived-test' };
    const service = { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 80 }] } };
    expect(await statuses([west, dns, controller], who => applied(as(who), service))).toEqual([
      403, 403, 201,
    ]);
  });

  test('to a RemoteCluster, the controller applies a status and nothing else', async () => {
    const remote = { apiVersion: 'causeway.dev/v1alpha1', kind: 'RemoteCluster', metadata: { name: 'west' } };
    await cluster.admin.apply({ ...remote, spec: { secretRef: { name: 'west' } } });
    const withStatus = { ...remote, status: { clusterId: 'west' } };
    const withSpec = { ...remote, spec: { secretRef: { name: 'another' } } };
    expect(await statuses([controller, dns], who => applied(as(who), withStatus, 'status'))).toEqual([
      200, 403,
    ]);
    expect(await statuses([controller, dns], who => applied(as(who), withSpec))).toEqual([403, 403]);
  });

  test('the controller holds its own Lease and no other', async () => {
    const lease = (name: string) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'causeway-system', name },
    });
    const [own, another] = [
      await as(controller).create(lease('causeway-controller')),
      await cluster.admin.create(lease('another')),
    ];
    const replaced = (object: Manifest) => as(controller).request('PUT', pathOf(object), object);
    expect([await replaced(own), await replaced(another)].map(({ status }) => status)).toEqual([200, 403]);
    expect(await statuses([controller, dns], who => as(who).request('GET', pathOf(own)))).toEqual([200, 403]);
  });
});

test('a credential ends with its Secret', async () => {
  const metadata = { namespace: 'causeway-exports-north', name: 'causeway-remote-reader' };
  const reference = { apiVersion: 'v1', kind: 'Secret', metadata };
  const secret = await waitFor(
    'the Secret has its token',
    () => cluster.admin.get(reference),
    seen => seen?.['data']?.token !== undefined,
  );
  const remote = cluster.api({ token: Buffer.from(secret?.['data'].token, 'base64').toString() });
  try {
    const look = () => remote.request('GET', exported('causeway-exports'));
    expect((await look()).status).toBe(200);
    await cluster.admin.delete(reference);
    // The API server remembers for 10 s that a token was good.
    await waitFor('the token is refused', look, ({ status }) => status === 401, 30_000);
  } finally {
    remote.close();
  }
});

test('a remote renews its own credential, until its account is deleted', async () => {
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace: 'causeway-exports-west', name: 'west' },
  };
  const ask = (api: Api, path: string) =>
    api.request('POST', `${path}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 600 },
    });
  const { status, body } = await ask(as(west), pathOf(account));
  expect(status).toBe(201);
  const renewed = cluster.api({ token: body.status.token });
  try {
    const another = { ...account, metadata: { namespace: 'causeway-exports-west', name: 'default' } };
    expect((await ask(renewed, pathOf(another))).status).toBe(403);
    const again = () => ask(renewed, pathOf(account));
    expect((await again()).status).toBe(201);
    await cluster.admin.delete(account);
    // The API server remembers for 10 s that a token was good.
    await waitFor('the renewed token is refused', again, seen => seen.status === 401, 30_000);
  } finally {
    renewed.close();
  }
});

async function statuses(
  accounts: readonly string[],
  ask: (account: string) => Promise<ApiReply>,
): Promise<number[]> {
  return Promise.all(accounts.map(async account => (await ask(account)).status));
}

function applied(api: Api, object: Manifest, subresource?: 'status'): Promise<ApiReply> {
  const path = `${pathOf(object, subresource)}?fieldManager=test`;
  return api.request('PATCH', path, object, 'application/apply-patch+yaml');
}
