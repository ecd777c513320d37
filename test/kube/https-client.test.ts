import { describe, expect, test, vi } from 'vitest';
import { ApiError } from '../../src/kube/api-error.ts';
import { RESOURCES } from '../../src/kube/resource.ts';
import { apiServer, clientOf, SOON, service } from '../kit/api-follower.ts';

const { services, serviceImports, endpointSlices } = RESOURCES;
const place = { namespace: 'shop', name: 'api' };
const manifest = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: place, spec });

async function pair(silence?: number) {
  const server = await apiServer();
  const client = clientOf(server, silence);
  return { server, client };
}

describe('objects', () => {
  test('are got, and undefined is what is not there', async () => {
    const { server, client } = await pair();
    server.put(service('api'));
    expect(await client.get(services, place)).toMatchObject({ kind: 'Service', metadata: { name: 'api' } });
    expect(await client.get(services, { ...place, name: 'cart' })).toBeUndefined();
  });

  test('are applied by one manager: what it no longer says is gone, what others say stays', async () => {
    const { server, client } = await pair();
    server.put({
      ...service('api'),
      metadata: { ...place, labels: { theirs: 'yes' } },
      status: { loadBalancer: {} },
    });
    const first = {
      ...manifest({ type: 'ClusterIP' }),
      metadata: { ...place, labels: { ours: 'yes', old: 'yes' } },
    };
    await client.apply(services, place, first);
    const second = { ...first, metadata: { ...place, labels: { ours: 'yes' } } };
    const stored = await client.apply(services, place, second);
    expect(stored).toMatchObject({ spec: { type: 'ClusterIP' }, status: { loadBalancer: {} } });
    expect(stored.metadata.labels).toEqual({ theirs: 'yes', ours: 'yes' });
    const again = await client.apply(services, place, second);
    expect(again.metadata.resourceVersion).toBe(stored.metadata.resourceVersion);
  });

  test('are patched where they are: null takes away, what is not named stays, and another uid is another object', async () => {
    const { server, client } = await pair();
    await expect(client.merge(services, place, { metadata: { labels: { one: '1' } } })).rejects.toThrow(
      '404',
    );
    const labels = { theirs: 'yes', old: 'yes' };
    const { metadata } = server.put({ ...service('api'), metadata: { ...place, labels } });
    const patch = { metadata: { uid: metadata.uid, labels: { ours: 'yes', old: null } } };
    const stored = await client.merge(services, place, patch);
    expect(stored.metadata.labels).toEqual({ theirs: 'yes', ours: 'yes' });
    const other = { metadata: { uid: 'another', labels: { ours: 'no' } } };
    await expect(client.merge(services, place, other)).rejects.toThrow('409');
  });

  test('have their status applied apart', async () => {
    const { client } = await pair();
    await client.apply(serviceImports, place, { metadata: place, spec: { type: 'Headless' } });
    const status = { clusters: [{ cluster: 'east' }] };
    const stored = await client.apply(
      serviceImports,
      { ...place, subresource: 'status' },
      { metadata: place, status },
    );
    expect(stored).toMatchObject({ spec: { type: 'Headless' }, status });
  });

  test('are created once', async () => {
    const { server, client } = await pair();
    const dry = await client.create(services, place, manifest({}), { dryRun: true });
    expect(dry.metadata.name).toBe('api');
    expect(server.store.objects('/services')).toEqual([]);
    await client.create(services, place, manifest({}));
    await expect(client.create(services, place, manifest({}))).rejects.toMatchObject({
      name: 'ApiError',
      status: 409,
      reason: 'AlreadyExists',
      message: `could not create services shop/api at ${server.url}: 409 AlreadyExists: api already exists`,
    });
  });

  test('are replaced only at the version that was read', async () => {
    const { server, client } = await pair();
    const [read] = [server.put(service('api'))];
    await client.replace(services, place, { ...read, spec: { type: 'LoadBalancer' } });
    await expect(client.replace(services, place, { ...read })).rejects.toMatchObject({
      status: 409,
      reason: 'Conflict',
    });
  });

  test('are removed, if they are there and the very ones', async () => {
    const { server, client } = await pair();
    const uid = server.put(service('api')).metadata.uid ?? '';
    await client.remove(services, place, { uid: 'another' });
    expect(server.store.objects('/services')).toHaveLength(1);
    await client.remove(services, place, { uid });
    expect(server.store.objects('/services')).toEqual([]);
    await client.remove(services, place);
  });

  test('of a list look like those of a watch', async () => {
    const { server, client } = await pair();
    server.store.write('discovery.k8s.io/endpointslices', { metadata: place } as never);
    const { items, resourceVersion } = await client.list(endpointSlices, { namespace: 'shop' });
    expect(items).toMatchObject([
      { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: place },
    ]);
    expect(resourceVersion).toBe(`${server.store.revision}`);
    expect((await client.list(endpointSlices, { namespace: 'other' })).items).toEqual([]);
  });

  test('with names from elsewhere lead nowhere else', async () => {
    const { server, client } = await pair();
    server.put({ kind: 'Secret', metadata: { namespace: 'shop', name: 'key' } });
    expect(await client.get(services, { namespace: 'shop', name: '../secrets/key' })).toBeUndefined();
    expect(await client.get(services, { namespace: 'shop/secrets/key?', name: 'api' })).toBeUndefined();
  });
});

describe('answers that are no', () => {
  test('say why, and for how long', async () => {
    const { server, client } = await pair();
    server.faults.add('list', { status: 429, reason: 'TooManyRequests', retryAfter: 7 });
    const error = await client.list(services, {}).catch(thrown => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 429, reason: 'TooManyRequests', retryAfterSeconds: 7 });
  });

  test('are what redirects are', async () => {
    const { server, client } = await pair();
    server.faults.add('get', 'redirect');
    await expect(client.get(services, place)).rejects.toMatchObject({ name: 'ApiError', status: 302 });
  });

  test('to a token bring the next one, and only one more attempt', async () => {
    const { server } = await pair();
    server.put(service('api'));
    const tokens = ['old', 'new'];
    const client = clientOf({
      ...server.connection(),
      authenticate: async again => {
        if (again) tokens.shift();
        return { headers: { authorization: `Bearer ${tokens[0]}` }, tls: {} };
      },
    });
    server.token = 'new';
    expect(await client.get(services, place)).toBeDefined();
    server.token = 'another';
    const { get } = server.counts;
    await expect(client.get(services, place)).rejects.toMatchObject({ status: 401, reason: 'Unauthorized' });
    expect(server.counts.get - get).toBeLessThanOrEqual(2);
  });
});

describe('a server that does not answer', () => {
  test.each([
    ['silent', /no answer within 0.15 s/],
    ['reset', /ECONNRESET/],
  ] as const)('%s', async (fault, message) => {
    const { server, client } = await pair(150);
    server.faults.add('get', fault, 2);
    await expect(client.get(services, place)).rejects.toMatchObject({
      name: 'CausewayError',
      code: 'API_UNREACHABLE',
      message: expect.stringMatching(message),
    });
  });

  test('because it closed the connection while it was idle is asked again', async () => {
    const { server, client } = await pair();
    server.put(service('api'));
    await client.get(services, place);
    server.faults.add('get', 'reset');
    expect(await client.get(services, place)).toBeDefined();
    server.faults.add('apply', 'reset');
    expect(await client.apply(services, place, manifest({ type: 'ClusterIP' }))).toBeDefined();
    server.faults.add('create', 'reset');
    await expect(client.create(services, place, manifest({}))).rejects.toMatchObject({
      code: 'API_UNREACHABLE',
    });
  });

  test('is not waited for once the signal says so', async () => {
    const { server, client } = await pair();
    server.faults.add('any', { delay: 100 }, 3);
    const reason = new Error('changed my mind');
    const calls = [
      (signal: AbortSignal) => client.get(services, place, signal),
      (signal: AbortSignal) => client.list(services, {}, signal),
      (signal: AbortSignal) => client.apply(services, place, {}, signal),
    ];
    for (const call of calls) {
      const abort = new AbortController();
      const result = expect(call(abort.signal)).rejects.toBe(reason);
      setTimeout(() => abort.abort(reason), 20);
      await result;
      await expect(call(abort.signal)).rejects.toBe(reason);
    }
  });

  test('to watches still has connections for requests', async () => {
    const { server, client } = await pair();
    const abort = new AbortController();
    const asked = { resourceVersion: '100', timeoutSeconds: 60 };
    const events = { event: () => {}, heard: () => {} };
    const watches = Array.from({ length: 60 }, () => client.watch(services, asked, events, abort.signal));
    await vi.waitFor(() => expect(server.watches.count).toBe(60), SOON);
    await expect(client.get(services, place)).resolves.toBeUndefined();
    abort.abort();
    expect((await Promise.allSettled(watches)).every(({ status }) => status === 'rejected')).toBe(true);
    await vi.waitFor(() => expect(server.watches.count).toBe(0), SOON);
  });
});
