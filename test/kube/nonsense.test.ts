import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, onTestFinished, test } from 'vitest';
import { RESOURCES } from '../../src/kube/resource.ts';
import { clientOf } from '../kit/api-follower.ts';

/** A client of something that answers everything with this. */
async function clientOfSomething(body: string | Iterable<Buffer>) {
  const server = createServer((_, response) => {
    // Whoever has heard enough hangs up in the middle.
    pipeline(Readable.from(typeof body === 'string' ? [Buffer.from(body)] : body), response).catch(() => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return clientOf({
    server: `http://127.0.0.1:${port}`,
    namespace: undefined,
    authenticate: async () => ({ headers: {}, tls: {} }),
  });
}

function* endless(begin: string): Generator<Buffer> {
  yield Buffer.from(begin);
  for (;;) yield Buffer.alloc(1024 * 1024, 'x');
}

const { services } = RESOURCES;
const place = { namespace: 'shop', name: 'api' };
const versioned = { resourceVersion: '1' };

test.each([
  ['a login page', '<html>', /not JSON/],
  ['an object without a name', JSON.stringify({ metadata: {} }), /no metadata.name/],
  ['nothing', '', /not JSON/],
  ['null', 'null', /no metadata.name/],
  ['an object without end', endless('{"metadata":"'), /larger than 8388608 octets/],
])('%s for an object', async (_, body, message) => {
  const client = await clientOfSomething(body);
  const fault = { code: 'API_ANSWER_INVALID', message: expect.stringMatching(message) };
  await expect(client.get(services, place)).rejects.toMatchObject(fault);
});

test.each([
  ['no version', { metadata: {}, items: [] }, /the list has no resourceVersion/],
  ['no items', { metadata: versioned }, /the list has no items/],
  ['an item that is a number', { metadata: versioned, items: [7] }, /no metadata.name/],
  [
    'an item without a version',
    { metadata: versioned, items: [{ metadata: { name: 'a' } }] },
    /no metadata.resourceVersion/,
  ],
])('a list with %s', async (_, body, message) => {
  const client = await clientOfSomething(JSON.stringify(body));
  const fault = { code: 'API_ANSWER_INVALID', message: expect.stringMatching(message) };
  await expect(client.list(services, {})).rejects.toMatchObject(fault);
});

test('a list of an empty collection, as some API servers write it', async () => {
  const client = await clientOfSomething(JSON.stringify({ metadata: versioned, items: null }));
  expect(await client.list(services, {})).toEqual({ items: [], resourceVersion: '1' });
});

test.each([
  ['not JSON', '{"type":"ADDED"\n', /not JSON/],
  ['of no type', '{"type":"RENAMED","object":{}}\n', /of no type/],
  ['without an object', '{"type":"ADDED"}\n', /no metadata.name/],
  ['a bookmark of nowhere', '{"type":"BOOKMARK","object":{}}\n', /no resourceVersion/],
  ['without end', endless('{"type":"'), /longer than 8388608 octets/],
])('a line of a watch that is %s', async (_, body, message) => {
  const client = await clientOfSomething(body);
  const watch = client.watch(
    services,
    { resourceVersion: '1', timeoutSeconds: 5 },
    { event: () => {}, heard: () => {} },
    new AbortController().signal,
  );
  const fault = { code: 'API_ANSWER_INVALID', message: expect.stringMatching(message) };
  await expect(watch).rejects.toMatchObject(fault);
});
