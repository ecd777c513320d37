import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HttpsApiClient } from '../../src/kube/https-client.ts';
import { remoteKubeconfig } from '../../src/kube/remote-kubeconfig.ts';
import { RESOURCES } from '../../src/kube/resource.ts';
import { apiServer, clientOf, service, stateOf } from '../kit/api-follower.ts';
import { Authority, type Wanted } from '../kit/certificate.ts';
import { base64, kubeconfig } from '../kit/kubeconfig.ts';

const { services } = RESOURCES;
const authority = new Authority();
const stranger = new Authority('somebody else');

function connectionTo(server: string, { ca = authority, user = {}, cluster = {} } = {}) {
  return remoteKubeconfig(
    kubeconfig({ cluster: { server, 'certificate-authority-data': base64(ca.cert), ...cluster }, user }),
  );
}

/** A server that asks for client certificates of our authority. */
async function secureServer(wanted: Wanted = {}) {
  const server = await apiServer({
    tls: { ...authority.issue(wanted), ca: authority.cert, requestCert: true, rejectUnauthorized: false },
  });
  server.put(service('api'));
  return server;
}

describe('a server with TLS', () => {
  test('lets a token in', async () => {
    const server = await secureServer();
    server.token = 'a-secret-token';
    const client = clientOf(connectionTo(server.url));
    expect((await client.list(services, {})).items).toHaveLength(stateOf(server).length);
  });

  test('is shown a client certificate', async () => {
    const server = await secureServer();
    const seen: string[] = [];
    server.onConnection((socket: TLSSocket) => seen.push(String(socket.getPeerCertificate().subject?.CN)));
    const { cert, key } = authority.issue({ commonName: 'reader' });
    const user = { token: null, 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
    const client = clientOf(connectionTo(server.url, { user }));
    expect(await client.get(services, { namespace: 'shop', name: 'api' })).toBeDefined();
    expect(seen).toEqual(['reader']);
  });

  test('may be named otherwise than it is addressed', async () => {
    const server = await secureServer({ addresses: [], commonName: 'unnamed' });
    const client = clientOf(connectionTo(server.url, { cluster: { 'tls-server-name': 'unnamed' } }));
    expect((await client.list(services, {})).items).toHaveLength(1);
  });

  test.each([
    ['of another authority', {}, { ca: stranger }, /not signed by the authority in the kubeconfig/],
    ['that has expired', { days: -1 }, {}, /is not valid at this time: renew it/],
    [
      'for another address',
      { addresses: ['10.0.0.1'] },
      {},
      /is for other names: use one of those in server/,
    ],
  ])('with a certificate %s is not trusted', async (_, wanted, options, remedy) => {
    const server = await secureServer(wanted);
    const client = clientOf(connectionTo(server.url, options));
    await expect(client.list(services, {})).rejects.toMatchObject({
      code: 'API_UNREACHABLE',
      message: expect.stringMatching(remedy),
    });
    expect(server.counts.list).toBe(0);
  });

  test('refuses a client certificate that has expired', async () => {
    const tls = { ...authority.issue(), ca: authority.cert, requestCert: true, rejectUnauthorized: true };
    const server = await apiServer({ tls: { ...tls, maxVersion: 'TLSv1.2' } });
    const { cert, key } = stranger.issue();
    const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
    await expect(clientOf(connectionTo(server.url, { user })).list(services, {})).rejects.toMatchObject({
      code: 'API_UNREACHABLE',
    });
  });
});

test('what speaks no TLS is no API server', async () => {
  const server = await apiServer();
  const client = clientOf(connectionTo(server.url.replace('http:', 'https:')));
  await expect(client.list(services, {})).rejects.toThrow(/no TLS is to be had there: check host and port/);
});

test('what takes a connection and never speaks is given up', async () => {
  const server = createServer(socket => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const client = new HttpsApiClient(connectionTo(`https://127.0.0.1:${port}`), { connect: 100 });
  await expect(client.list(services, {})).rejects.toThrow(/no connection within 0.1 s/);
});
