import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { MOST_HELD, type TcpLimits } from '../../src/serve/tcp.ts';
import { type CloseReason, TcpConnection } from '../../src/serve/tcp-connection.ts';
import { headerOnly, idsOf, replyOf } from '../kit/handlers.ts';
import { query } from '../kit/packet.ts';
import { framed, TcpClient } from '../kit/tcp-client.ts';
import { tcpServers } from '../kit/tcp-servers.ts';

/** The daemon's own limits are 5 s and more; a tenth of them shows the same. */
const serve = tcpServers({
  idle: 1_200,
  message: 600,
  unread: 500,
  stop: 300,
  held: MOST_HELD,
  connections: 64,
  connectionsPerClient: 64,
});

const QUESTION = query('payments.shop.svc.clusterset.local', 'A');

/** One framed query with this id. */
function ask(id: number): Buffer {
  const octets = framed(QUESTION);
  octets.writeUInt16BE(id, 2);
  return octets;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Sends octets one by one, this far apart; 0: as soon as the one before has been read. */
async function drip(client: TcpClient, octets: Uint8Array, milliseconds: number): Promise<void> {
  client.socket.setNoDelay(true);
  for (const octet of octets) {
    if (client.closed) return;
    client.write(Uint8Array.of(octet));
    await (milliseconds === 0 ? nextTurn() : sleep(milliseconds));
  }
}

interface Row {
  readonly name: string;
  readonly act: (client: TcpClient) => unknown;
  /** Ids of the replies. */
  readonly replies: readonly number[];
  /** Why the server closes; undefined: it does not. */
  readonly closed: CloseReason | undefined;
  readonly limits?: Partial<TcpLimits>;
}

const rows: readonly Row[] = [
  { name: 'one query', act: client => client.write(ask(1)), replies: [1], closed: undefined },
  {
    name: 'octet by octet',
    act: client => drip(client, ask(1), 0),
    replies: [1],
    closed: undefined,
    limits: { message: 20_000 },
  },
  {
    name: 'a length cut in two, between two queries',
    act: async client => {
      const both = Buffer.concat([ask(1), ask(2)]);
      const inside = ask(1).length + 1;
      client.write(both.subarray(0, inside));
      await sleep(50);
      client.write(both.subarray(inside));
    },
    replies: [1, 2],
    closed: undefined,
  },
  {
    name: '200 pipelined',
    act: client => client.write(...range(200).map(ask)),
    replies: range(200),
    closed: undefined,
  },
  {
    name: '5,000 pipelined',
    act: client => client.write(...range(5_000).map(ask)),
    replies: range(5_000),
    closed: undefined,
  },
  { name: 'length 0', act: client => client.write(Buffer.of(0, 0)), replies: [], closed: 'length' },
  { name: 'length 1', act: client => client.write(Buffer.of(0, 1)), replies: [], closed: 'length' },
  { name: 'length 11', act: client => client.write(Buffer.of(0, 11)), replies: [], closed: 'length' },
  {
    name: 'query, then length 3 in the same segment',
    act: client => client.write(ask(1), Buffer.of(0, 3)),
    replies: [1],
    closed: 'length',
  },
  {
    name: 'length 65535 and 10 octets, then silence',
    act: client => client.write(Buffer.alloc(12, 0xff)),
    replies: [],
    closed: 'slow',
  },
  {
    name: '65,535 octets of garbage',
    act: client => client.write(framed(Buffer.alloc(65_535, 0xaa))),
    replies: [0xaaaa],
    closed: undefined,
  },
  {
    name: 'HTTP request line',
    act: client => client.write(Buffer.from('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n')),
    replies: [],
    closed: 'slow',
  },
  {
    name: 'TLS hello',
    act: client => client.write(Buffer.from('16030100fa010000f60303', 'hex')),
    replies: [],
    closed: 'slow',
  },
  {
    name: 'slow-loris, an octet each 100 ms',
    act: client => drip(client, ask(1).subarray(0, -1), 100),
    replies: [],
    closed: 'slow',
  },
  {
    name: 'query, then FIN',
    act: client => {
      client.write(ask(1), ask(2));
      client.socket.end();
    },
    replies: [1, 2],
    closed: 'peer',
  },
  {
    name: 'half a query, then FIN',
    act: client => {
      client.write(ask(1).subarray(0, 9));
      client.socket.end();
    },
    replies: [],
    closed: 'peer',
  },
  {
    name: 'half a query, then reset',
    act: async client => {
      client.write(ask(1).subarray(0, 9));
      await sleep(50);
      client.socket.resetAndDestroy();
    },
    replies: [],
    closed: 'error',
  },
  { name: 'idle after one query', act: client => client.write(ask(1)), replies: [1], closed: 'idle' },
  { name: 'nothing at all', act: () => {}, replies: [], closed: 'idle' },
];

describe('one TCP client', () => {
  // Most rows only wait, so they wait together.
  test.concurrent.for(rows)('$name: closed $closed', async ({ act, replies, closed, limits }, { expect }) => {
    const [server, port] = await serve(headerOnly, limits);
    const client = await TcpClient.connect(port);
    await act(client);
    await client.received(replies.length);
    if (closed !== undefined) {
      await vi.waitFor(() => expect(server.closed[closed]).toBe(1), { timeout: 3_000 });
      await client.untilClosed();
    }
    expect(idsOf(client.messages)).toEqual(replies);
    expect(client.closed).toBe(closed !== undefined);
    expect(server.open).toBe(closed === undefined ? 1 : 0);

    const other = await TcpClient.connect(port);
    other.write(ask(7));
    expect(idsOf(await other.received(1))).toEqual([7]);
  });

  test('5,000 pipelined queries are all answered, in their order', async () => {
    const [, port] = await serve(replyOf(100));
    const client = await TcpClient.connect(port);
    client.write(...range(5_000).map(ask));
    expect(idsOf(await client.received(5_000))).toEqual(range(5_000));
  });

  test('replies to one segment leave in one', async () => {
    const [, port] = await serve(replyOf(100));
    const client = await TcpClient.connect(port);
    const sizes: number[] = [];
    client.socket.on('data', (chunk: Buffer) => sizes.push(chunk.length));
    client.write(...range(50).map(ask));
    await client.received(50);
    expect(sizes).toEqual([50 * 102]);
  });

  test('a message without a reply leaves the rest alone', async () => {
    const [, port] = await serve((message, client) =>
      message[1] === 2 ? undefined : headerOnly(message, client),
    );
    const client = await TcpClient.connect(port);
    client.write(ask(1), ask(2), ask(3));
    expect(idsOf(await client.received(2))).toEqual([1, 3]);
  });

  test('queries keep a connection open beyond the idle limit', async () => {
    const [server, port] = await serve(headerOnly, { idle: 300 });
    const client = await TcpClient.connect(port);
    for (const id of range(8)) {
      client.write(ask(id));
      await sleep(100);
    }
    expect(client.messages).toHaveLength(8);
    expect(server.open).toBe(1);
  });

  test('the client is known by its address', async () => {
    const seen: string[] = [];
    const [, port] = await serve((message, client) => {
      seen.push(`${client.transport} ${client.address}`);
      return headerOnly(message, client);
    });
    const client = await TcpClient.connect(port, { from: '127.0.0.9' });
    client.write(ask(1));
    await client.received(1);
    expect(seen).toEqual(['tcp 127.0.0.9']);
  });
});

describe('a client that does not read', () => {
  test('is cut, and no more is answered than its queue holds', async () => {
    const queries = range(20_000).map(ask);
    let answered = 0;
    const large = replyOf(16_384);
    const [server, port] = await serve((message, client) => {
      answered += 1;
      return large(message, client);
    });
    const client = await TcpClient.connect(port);
    client.socket.pause();
    client.write(...queries);
    await vi.waitFor(() => expect(server.closed.unread).toBe(1), { timeout: 5_000 });
    // 320 MB were asked for; what was made fits the queue and the buffers of both kernels' sides.
    expect(answered * 16_384).toBeLessThan(32 * 1024 * 1024);
    client.socket.destroy();
  });

  test('gets everything once it reads again in time', async () => {
    const [server, port] = await serve(replyOf(16_384), { unread: 5_000 });
    const client = await TcpClient.connect(port);
    client.socket.pause();
    client.write(...range(2_000).map(ask));
    await sleep(300);
    client.socket.resume();
    expect(idsOf(await client.received(2_000))).toEqual(range(2_000));
    expect(server.open).toBe(1);
  });
});

test('what was read while all connections had no room is answered, also by a server that stops meanwhile', async () => {
  let full = true;
  const reasons: CloseReason[] = [];
  const accepted = Promise.withResolvers<TcpConnection>();
  const asked = Promise.withResolvers<void>();
  const listener = createServer({ allowHalfOpen: true }, socket => {
    accepted.resolve(
      new TcpConnection({
        socket,
        client: { address: '127.0.0.1', transport: 'tcp' },
        handler: headerOnly,
        times: { idle: 5_000, message: 5_000, unread: 5_000 },
        log: pino({ level: 'silent' }),
        isFull: () => {
          asked.resolve();
          return full;
        },
        active: () => {},
        changed: () => {},
        closed: (_connection, reason) => reasons.push(reason),
      }),
    );
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const client = await TcpClient.connect((listener.address() as AddressInfo).port);
  client.write(ask(1));
  const connection = await accepted.promise;
  await asked.promise;
  connection.end('stop');
  await sleep(20);
  expect(reasons).toEqual([]);
  full = false;
  expect(idsOf(await client.received(1))).toEqual([1]);
  await vi.waitFor(() => expect(reasons).toEqual(['stop']));
  client.socket.destroy();
  listener.close();
});
