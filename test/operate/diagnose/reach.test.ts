import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TlsFacts } from '../../../src/diagnose/facts.ts';
import { reach as reachFamily } from '../../../src/diagnose/reach.ts';
import { tls as tlsFamily } from '../../../src/diagnose/tls.ts';
import type { Connection, TlsOptions } from '../../../src/kube/connection.ts';
import { reachFacts } from '../../../src/operate/diagnose/reach.ts';
import { ApiServer } from '../../kit/api-server.ts';
import { Authority, type Wanted } from '../../kit/certificate.ts';
import { clusterOf, complaints, factsOf } from '../../kit/diagnose-facts.ts';

const authority = new Authority();
const signal = new AbortController().signal;

function connectionTo(server: string, tls: TlsOptions): Connection {
  return { server, namespace: undefined, authenticate: async () => ({ headers: {}, tls }) };
}

async function serving(wanted: Wanted, by = authority): Promise<string> {
  const server = await new ApiServer({ tls: by.issue(wanted) }).start();
  onTestFinished(() => server.end());
  return server.url;
}

const serverAuth = { days: 100, usages: ['serverAuth'] } as const satisfies Wanted;

test('a way without a fault', async () => {
  const found = await reachFacts(connectionTo(await serving(serverAuth), { ca: authority.cert }), signal);
  expect(found).toMatchObject({
    addresses: { value: ['127.0.0.1'] },
    tls: {
      value: {
        version: 'TLSv1.3',
        subject: 'CN=server',
        issuer: 'CN=test authority',
        authority: 'kubeconfig',
        chainFault: undefined,
        name: '127.0.0.1',
        nameFits: true,
        names: 'IP Address:127.0.0.1',
        usages: ['1.3.6.1.5.5.7.3.1'],
      } satisfies Partial<TlsFacts>,
    },
  });
  const clock = 'value' in found.clock ? found.clock.value : undefined;
  expect(Math.abs(clock?.ahead ?? 99)).toBeLessThan(2);
});

describe('what is said of a certificate that is', () => {
  test.each<{ fault: string; wanted: Wanted; tls?: TlsOptions; by?: Authority; line: RegExp }>([
    {
      fault: 'expired',
      wanted: { ...serverAuth, days: -3 },
      line: /^✗ tls.validity east: the certificate ended at .*Z, \d+ days ago$/,
    },
    {
      fault: 'about to end',
      wanted: { ...serverAuth, days: 2 },
      line: /^⚠ tls.validity east: the certificate ends in 1 days, at /,
    },
    {
      fault: 'for another address',
      wanted: { ...serverAuth, addresses: ['10.9.8.7'] },
      line: /^✗ tls.name east: the certificate is not for 127.0.0.1, but for IP Address:10.9.8.7$/,
    },
    {
      fault: 'for another name than tls-server-name',
      wanted: serverAuth,
      tls: { servername: 'api.east.example.com' },
      line: /^✗ tls.name east: the certificate is not for api.east.example.com, but for IP Address:127.0.0.1$/,
    },
    {
      fault: "a client's",
      wanted: { ...serverAuth, usages: ['clientAuth'] },
      line: /^✗ tls.usage east: the certificate is not for servers; its extended key usage is 1.3.6.1.5.5.7.3.2$/,
    },
    {
      fault: "another authority's",
      wanted: serverAuth,
      by: new Authority('somebody else'),
      line: /^✗ tls.chain east: the certificate "CN=server", issued by "CN=somebody else", does not lead to the authority in the kubeconfig: /,
    },
    {
      fault: 'not looked at',
      wanted: serverAuth,
      tls: { rejectUnauthorized: false },
      line: /^⚠ tls.chain east: nothing is verified/,
    },
  ])('$fault', async ({ wanted, tls = {}, by, line }) => {
    const server = await serving(wanted, by);
    const reach = await reachFacts(connectionTo(server, { ca: authority.cert, ...tls }), signal);
    // The facts of the kit are of another day, and these of today.
    const now = { ...factsOf(clusterOf({ reach, remotes: { value: [] } })), now: Date.now() };
    expect(complaints(tlsFamily, now)).toEqual([expect.stringMatching(line)]);
    expect('value' in reach.clock).toBe(true);
  });
});

async function listening(answer: string): Promise<string> {
  const server = createServer(socket => socket.on('error', () => {}).write(answer)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `https://127.0.0.1:${port}`;
}

describe('a way that ends', () => {
  test.each([
    {
      where: 'at a name that nobody knows',
      server: async () => 'https://api.invalid:6443',
      lines: [/^✗ reach.name east: the host of https:\/\/api.invalid:6443 has no address: getaddrinfo /],
    },
    {
      where: 'at a port where nobody listens',
      server: closedPort,
      lines: [/^✗ reach.connect east: no connection to .*: connect ECONNREFUSED 127.0.0.1:/],
    },
    {
      where: 'at a server that speaks no TLS',
      server: () => listening('HTTP/1.1 400 Bad Request\r\n\r\n'),
      lines: [/^✗ tls.handshake east: no TLS with .*: ERR_SSL_/],
    },
  ])('$where', async ({ server, lines }) => {
    const reach = await reachFacts(connectionTo(await server(), { ca: authority.cert }), signal);
    const facts = factsOf(clusterOf({ reach, remotes: { value: [] } }));
    const said = [...complaints(reachFamily, facts), ...complaints(tlsFamily, facts)];
    expect(said.filter(line => line.startsWith('✗'))).toEqual(lines.map(line => expect.stringMatching(line)));
    expect(reach.clock).toEqual({ unknown: 'not tried: there is no connection' });
  });
});

test('nothing of the credential goes to a server that nobody has verified', async () => {
  let heard = '';
  const server = new ApiServer({ tls: new Authority('somebody else').issue() });
  server.onConnection(socket => socket.on('data', data => (heard += data)));
  await server.start();
  onTestFinished(() => server.end());
  const authenticate = async () => ({
    headers: { authorization: 'Bearer secret-of-mine' },
    tls: { ca: authority.cert },
  });
  await reachFacts({ server: server.url, namespace: undefined, authenticate }, signal);
  expect(heard).toContain('GET /version');
  expect(heard).not.toContain('secret-of-mine');
});
