import { expect, onTestFinished, test } from 'vitest';
import type { TlsOptions } from '../../../src/kube/connection.ts';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { checkEndpoint, type Override } from '../../../src/operate/connect/trust.ts';
import { ApiServer } from '../../kit/api-server.ts';
import { Authority, type Wanted } from '../../kit/certificate.ts';

const own = new Authority('cluster');
const proxy = new Authority('corporate proxy');
const { signal } = new AbortController();

/** A server that shows a certificate of this authority. */
async function served(authority: Authority, wanted: Wanted = {}): Promise<ApiServer> {
  const server = await new ApiServer({ tls: authority.issue(wanted) }).start();
  onTestFinished(() => server.end());
  return server;
}

/** What is found out about an address, by an operator with this kubeconfig whose cluster has that authority. */
async function checked(
  server: string,
  tls: TlsOptions,
  override?: string | Override,
  authority: Authority | undefined = own,
) {
  const api = await new ApiServer().start();
  onTestFinished(() => api.end());
  const data = authority && { 'ca.crt': authority.cert };
  api.put({ kind: 'ConfigMap', metadata: { namespace: 'kube-system', name: 'kube-root-ca.crt' }, data });
  const connection = {
    ...{ server, context: 'east', namespace: undefined },
    authenticate: async () => ({ headers: {}, tls }),
  };
  const client = new HttpsApiClient(api.connection());
  const given = typeof override === 'string' ? { server: override, isUnasked: false } : override;
  return checkEndpoint({ context: 'east', client, connection }, given, signal);
}

test("the kubeconfig's authority, where it vouches for the address", async () => {
  const { url } = await served(own);
  const { endpoint, facts } = await checked(url, { ca: own.cert });
  expect(facts).toEqual({ server: url, isOverride: false, trust: { verified: 'kubeconfig' } });
  expect(endpoint).toEqual({ server: url, authority: own.cert, serverName: undefined });
});

test('a proxy with its own authority, which the kubeconfig has', async () => {
  const { url } = await served(proxy);
  const { endpoint, facts } = await checked(url, { ca: proxy.cert });
  expect([facts.trust, endpoint.authority]).toEqual([{ verified: 'kubeconfig' }, proxy.cert]);
});

test("the cluster's own authority, where the others go past the proxy", async () => {
  const { url } = await served(own);
  const { endpoint, facts } = await checked('https://proxy.example.com', { ca: proxy.cert }, url);
  expect(facts).toEqual({ server: url, isOverride: true, trust: { verified: 'kube-root-ca.crt' } });
  expect(endpoint).toEqual({ server: url, authority: own.cert, serverName: undefined });
});

test("the cluster's own authority, where the kubeconfig verifies nothing", async () => {
  const { url } = await served(own);
  const { facts } = await checked(url, { rejectUnauthorized: false });
  expect(facts.trust).toEqual({ verified: 'kube-root-ca.crt' });
});

test('nobody vouches for it', async () => {
  const { url } = await served(proxy);
  const { facts } = await checked(url, { rejectUnauthorized: false });
  expect(facts.trust).toMatchObject({ distrusted: expect.any(String), issuer: 'CN=corporate proxy' });
});

test('the certificate is for another address', async () => {
  const { url } = await served(own, { addresses: ['10.0.0.1'] });
  const { facts } = await checked(url, { ca: own.cert });
  expect(facts.trust).toEqual({ distrusted: 'it is for IP Address:10.0.0.1', issuer: 'CN=cluster' });
});

test('the certificate is for the name that the kubeconfig says; an address that is given takes none along', async () => {
  const { url } = await served(own, { addresses: [], names: ['kubernetes'] });
  const named = await checked(url, { ca: own.cert, servername: 'kubernetes' });
  expect([named.facts.trust, named.endpoint.serverName]).toEqual([{ verified: 'kubeconfig' }, 'kubernetes']);
  const given = await checked('https://elsewhere', { ca: own.cert, servername: 'kubernetes' }, url);
  expect(given.facts.trust).toMatchObject({ distrusted: expect.any(String) });
});

test('an address where nobody listens: the authority of the cluster is the better guess', async () => {
  const { url } = await served(own);
  const { endpoint, facts } = await checked(url, { ca: proxy.cert }, 'https://127.0.0.1:1');
  expect(facts.trust).toEqual({ unreached: expect.stringContaining('ECONNREFUSED') });
  expect(endpoint.authority).toBe(own.cert);
});

test('an address where somebody else answers here than for pods: nobody is asked, and the guess is the same', async () => {
  const { url: server } = await served(proxy);
  const { endpoint, facts } = await checked(
    'https://proxy.example.com',
    { ca: proxy.cert },
    { server, isUnasked: true },
  );
  expect(facts).toEqual({ server, isOverride: true, trust: 'unasked' });
  expect(endpoint).toEqual({ server, authority: own.cert, serverName: undefined });
});
