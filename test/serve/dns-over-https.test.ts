import { afterEach, describe, expect, test } from 'vitest';
import { parseCidr } from '../../src/base/ip.ts';
import { dnsOverHttps } from '../../src/serve/dns-over-https.ts';
import { HttpServer } from '../../src/serve/http.ts';
import type { Handler } from '../../src/serve/transport.ts';
import { decode, query, responderOf, zoneLines } from '../kit/dns.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const servers: HttpServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map(server => server.stop())));

const LARGE = Array.from({ length: 300 }, (_, index) => `10.20.${index >> 8}.${index & 255}`);
const ZONE = zoneOf([
  serviceOf('shop', 'payments', [clusterOf('east', ['10.10.0.10'])], { ttl: 30 }),
  serviceOf('shop', 'moving', [clusterOf('east', ['10.10.0.11'])], { ttl: 0 }),
  serviceOf('shop', 'db', [clusterOf('east', [], { pods: LARGE })], { type: 'Headless' }),
]);
const everyone = parseCidr('0.0.0.0/0');
const responder = responderOf(ZONE, { allowTransfer: everyone === undefined ? [] : [everyone] });
const answer: Handler = (message, client) => responder.respond(message, client);

/** Where the page is. */
async function serve(handler = answer): Promise<string> {
  const server = new HttpServer({
    listen: { address: '127.0.0.1', port: 0 },
    ...dnsOverHttps('/dns-query', handler),
  });
  servers.push(server);
  const [bound] = await server.start();
  return `http://127.0.0.1:${bound?.port}/dns-query`;
}

const MESSAGE = 'application/dns-message';

function get(page: string, message: Uint8Array): Promise<Response> {
  return fetch(`${page}?dns=${Buffer.from(message).toString('base64url')}`);
}

function post(page: string, message: Uint8Array, type = MESSAGE): Promise<Response> {
  return fetch(page, { method: 'POST', headers: { 'content-type': type }, body: Buffer.from(message) });
}

async function decoded(response: Response) {
  expect([response.status, response.headers.get('content-type')]).toEqual([200, MESSAGE]);
  return decode(new Uint8Array(await response.arrayBuffer()));
}

describe.each([
  { method: 'GET', ask: get },
  { method: 'POST', ask: post },
])('a message by $method', ({ ask }) => {
  test('is answered as over TCP: whole, however large', async () => {
    const page = await serve();
    const reply = await decoded(await ask(page, query('db.shop.svc.clusterset.local', 'A', { id: 0 })));
    expect([reply.id, reply.flags, reply.answers.length]).toEqual([0, 'qr aa rd', 300]);
  });

  test.each([
    ['4.2.1 an answer', 'payments.shop.svc.clusterset.local', 'A', 'NOERROR', 'max-age=30'],
    ['5.1 an answer of TTL 0', 'moving.shop.svc.clusterset.local', 'A', 'NOERROR', 'max-age=0'],
    ['5.1 no data: the SOA', 'payments.shop.svc.clusterset.local', 'TXT', 'NOERROR', 'max-age=5'],
    ['5.1 no such name: the SOA', 'nobody.shop.svc.clusterset.local', 'A', 'NXDOMAIN', 'max-age=5'],
    ['4.2.1 an error of DNS is none of HTTP', 'example.org', 'A', 'REFUSED', 'no-store'],
    ['no zone transfer, whoever may have one', 'clusterset.local', 'AXFR', 'REFUSED', 'no-store'],
  ] as const)('%s', async (_row, name, type, rcode, cacheControl) => {
    const response = await ask(await serve(), query(name, type));
    expect(response.headers.get('cache-control')).toBe(cacheControl);
    expect((await decoded(response)).rcode).toBe(rcode);
  });

  test.each([
    ['an empty one', new Uint8Array()],
    ['less than a header', Buffer.from('0000010000', 'hex')],
    ['a response', query('payments.shop.svc.clusterset.local', 'A', { flags: 0x8000 })],
  ])('%s is no query: 400', async (_row, message) => {
    expect((await ask(await serve(), message)).status).toBe(400);
  });

  test('that is broken is FORMERR', async () => {
    const reply = await ask(await serve(), query('a', 'A').subarray(0, 14));
    expect((await decoded(reply)).rcode).toBe('FORMERR');
  });
});

test.each([
  ['4.1 no parameter', '', 400],
  ['4.1 two of them', '?dns=AAAA&dns=AAAA', 400],
  ['6 padding', '?dns=AAABAAABAAAAAAAAA3d3dw==', 400],
  ['6 base64 that is not base64url', '?dns=AAAB%2BAAB%2F', 400],
  ['6 no base64 at all', '?dns=%00%01', 400],
  ['4.1 other parameters are left alone', `?ct&dns=${query('a.example', 'A').toString('base64url')}`, 200],
])('%s', async (_row, search, status) => {
  expect((await fetch(`${await serve()}${search}`)).status).toBe(status);
});

test('4.1 methods, media types and sizes that are not taken are said so', async () => {
  const page = await serve();
  const put = await fetch(page, { method: 'PUT', body: 'a' });
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  expect((await post(page, query('a', 'A'), 'application/json')).status).toBe(415);
  expect((await post(page, new Uint8Array(65_536))).status).toBe(413);
  expect((await decoded(await post(page, new Uint8Array(65_535)))).rcode).toBe('FORMERR');
  // What a header can hold is less than the longest message.
  expect((await get(page, new Uint8Array(8_192))).status).toBe(431);
});

test('the client is the peer, and the transport is known', async () => {
  const seen: unknown[] = [];
  const page = await serve((message, client) => {
    seen.push({ ...client });
    return answer(message, client);
  });
  const response = await fetch(
    `${page}?dns=${query('payments.shop.svc.clusterset.local', 'A').toString('base64url')}`,
  );
  expect(seen).toEqual([{ transport: 'http', address: '127.0.0.1' }]);
  expect(zoneLines((await decoded(response)).answers)).toEqual([
    'payments.shop.svc.clusterset.local. 30 IN A 10.10.0.10',
  ]);
});
