import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HttpsApiClient } from '../../src/kube/https-client.ts';
import { listPods, octetsOfPod, pageOfPod, podsOfComponent } from '../../src/operate/pods.ts';
import { ApiServer } from '../kit/api-server.ts';

const server = new ApiServer();
let client: HttpsApiClient;
const { signal } = new AbortController();

beforeAll(async () => {
  await server.start();
  client = new HttpsApiClient(server.connection());
});
afterAll(() => server.end());

const PODS = `
apiVersion: v1
kind: Pod
metadata:
  name: causeway-dns-2
  namespace: causeway-system
  labels: {app.kubernetes.io/name: causeway, app.kubernetes.io/component: dns}
spec:
  nodeName: node-1
  containers: [{name: dns, image: 'registry.example/causeway:0.1.0'}]
status:
  podIP: 10.0.0.7
  conditions: [{type: Ready, status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z'}]
  containerStatuses: [{restartCount: 2, state: {running: {}}}]
---
apiVersion: v1
kind: Pod
metadata:
  name: causeway-dns-1
  namespace: causeway-system
  labels: {app.kubernetes.io/name: causeway, app.kubernetes.io/component: dns}
spec:
  containers: [{name: dns, image: 'registry.example/causeway:0.2.0'}]
status:
  containerStatuses:
    - {restartCount: 0, state: {waiting: {reason: ImagePullBackOff, message: no such image}}}
---
apiVersion: v1
kind: Pod
metadata:
  name: causeway-controller-1
  namespace: causeway-system
  labels: {app.kubernetes.io/name: causeway, app.kubernetes.io/component: controller}
spec: {containers: []}
`;

test('pods of one component, by name', async () => {
  server.load(PODS);
  const pods = await listPods(client, podsOfComponent('dns', 'causeway-system'), signal);
  const labels = { 'app.kubernetes.io/name': 'causeway', 'app.kubernetes.io/component': 'dns' };
  const common = { kind: 'Pod', namespace: 'causeway-system', labels, terminating: false };
  expect(pods).toEqual([
    {
      ...common,
      name: 'causeway-dns-1',
      image: 'registry.example/causeway:0.2.0',
      ready: false,
      restarts: 0,
      waiting: 'ImagePullBackOff: no such image',
    },
    {
      ...common,
      name: 'causeway-dns-2',
      node: 'node-1',
      ip: '10.0.0.7',
      image: 'registry.example/causeway:0.1.0',
      ready: true,
      since: '2026-01-01T00:00:00Z',
      restarts: 2,
    },
  ]);
});

describe('a page of a pod', () => {
  const pod = { namespace: 'causeway-system', name: 'causeway-dns-1' };
  const address = { port: 9353, path: '/readyz' };
  const path = '/api/v1/namespaces/causeway-system/pods/causeway-dns-1:9353/proxy/readyz';

  test.each([
    { status: 200, text: 'ok\n', said: 'ok\n' },
    { status: 503, text: 'not ready: stopping\n', said: 'not ready: stopping' },
  ])('that the pod answers with $status', async ({ status, text, said }) => {
    server.pages.set(path, { status, text });
    expect(await pageOfPod(client, pod, address, signal)).toEqual({ answered: true, status, text: said });
  });

  test('of a pod that cannot be reached: the API server says so', async () => {
    const page = await pageOfPod(client, { ...pod, name: 'nobody' }, address, signal);
    expect(page).toEqual({
      answered: false,
      asked: true,
      reason: expect.stringContaining('connection refused'),
    });
  });

  test('of a pod that says nothing, within bounded time', async () => {
    server.pages.set(path, 'silent');
    const page = await pageOfPod(client, pod, address, signal, 50);
    expect(page).toEqual({ answered: false, asked: true, reason: 'no answer within 0.05 s' });
  });

  test('that nobody waits for any more', async () => {
    server.pages.set(path, 'silent');
    const ended = AbortSignal.abort(new Error('ended'));
    await expect(pageOfPod(client, pod, address, ended)).rejects.toThrow('ended');
  });
});

describe('octets of a pod', () => {
  const pod = { namespace: 'causeway-system', name: 'causeway-dns-1' };
  const address = { port: 9353, path: '/dns-query?dns=AAAA' };
  const path = '/api/v1/namespaces/causeway-system/pods/causeway-dns-1:9353/proxy/dns-query?dns=AAAA';
  const octets = Buffer.from('ff00c328', 'hex');

  test('come as they are, up to a size', async () => {
    server.pages.set(path, { status: 200, text: octets });
    expect(await octetsOfPod(client, pod, address, 4, signal)).toEqual({ answered: true, octets });
    expect(await octetsOfPod(client, pod, address, 3, signal)).toEqual({
      answered: false,
      asked: true,
      reason: expect.stringContaining('larger than 3 octets'),
    });
  });

  test('are none where the pod refuses', async () => {
    server.pages.set(path, { status: 404, text: 'try /metrics\n' });
    expect(await octetsOfPod(client, pod, address, 4, signal)).toEqual({
      answered: false,
      asked: true,
      reason: 'it answers 404: try /metrics',
    });
  });
});
