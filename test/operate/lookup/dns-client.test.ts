import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { askServer } from '../../../src/operate/lookup/dns-client.ts';
import { Causeway } from '../../kit/daemon.ts';
import { temporaryDirectory } from '../../kit/directory.ts';
import { hex, packet, question, record } from '../../kit/packet.ts';
import { service, serviceExport, slice } from '../../kit/shop.ts';

const HEADLESS = 'clusterIP: None, ipFamilies: [IPv4], ports: [{name: http, port: 80}]';
const PODS = Array.from({ length: 100 }, (_, index) => `10.10.1.${index + 1}`);
const { signal } = new AbortController();

const PAYMENTS = 'payments.shop.svc.clusterset.local';

test('a real daemon is asked over UDP, and over TCP where it is wanted or UDP does not hold the answer', async () => {
  const root = temporaryDirectory({
    'east/db.yaml': service('db', { spec: HEADLESS }) + serviceExport('db') + slice('db', PODS),
    'east/payments.yaml': service('payments') + serviceExport('payments') + slice('payments', ['10.10.1.1']),
  });
  const causeway = new Causeway([
    ...['dns', '--source', `directory:${root}`, '--nsid', 'one', '--cluster-id', 'east'],
    ...['--listen', '127.0.0.1:0', '--http-listen', '127.0.0.1:0'],
  ]);
  onTestFinished(() => causeway.signal('SIGKILL'));
  const server = { address: '127.0.0.1', port: (await causeway.ready()).dns };
  const ask = async (name: string, tcp: boolean) => {
    const asked = await askServer(server, { name, type: 'A' }, { tcp }, signal);
    if (!asked.answered) return asked.reason;
    const { rcode, nsid, payloadSize, answers } = asked.reply;
    return `${asked.transport} ${rcode} ${nsid} ${payloadSize}: ${answers.length}`;
  };
  expect(await ask(PAYMENTS, false)).toBe('udp NOERROR one 1232: 1');
  expect(await ask(PAYMENTS, true)).toBe('tcp NOERROR one 1232: 1');
  expect(await ask('db.shop.svc.clusterset.local', false)).toBe('tcp NOERROR one 1232: 100');
}, 30_000);

describe('no answer', () => {
  const ask = (port: number, tcp = false) =>
    askServer({ address: '127.0.0.1', port }, { name: PAYMENTS, type: 'A' }, { tcp, timeout: 100 }, signal);

  test.each([false, true])('where nobody listens (TCP: %s)', async tcp => {
    expect(await ask(1, tcp)).toEqual({
      answered: false,
      reason: 'nothing listens there (connection refused)',
    });
  });

  test('from a server that says nothing, or answers another question', async () => {
    const wrong = (id: number) =>
      packet({
        id,
        flags: 0x8400,
        questions: [question('evil.example', 'A')],
        answers: [record('evil.example', 'A', hex('c0000201'))],
      });
    let heard = 0;
    const port = await udpServer(message => {
      heard += 1;
      return [wrong(message.readUInt16BE(0)), Buffer.from('scrap')];
    });
    expect(await ask(port)).toEqual({ answered: false, reason: 'no answer within 0.1 s' });
    expect(heard).toBe(2);
  });

  test('from a server that lost the first datagram: the second is answered', async () => {
    let heard = 0;
    const port = await udpServer(message => {
      heard += 1;
      return heard === 1 ? [] : [reply(message)];
    });
    expect(await ask(port)).toMatchObject({ answered: true, transport: 'udp' });
  });

  test.each([
    ['closes', (): Buffer => Buffer.alloc(0), 'the connection was closed without an answer'],
    [
      'answers another question',
      () => framed(packet({ id: 1, flags: 0x8400, questions: [question('a', 'A')] })),
      'what came back over TCP answers another question',
    ],
  ])('from a server that %s, over TCP', async (_row, say, reason) => {
    const tcpServer = createServer(socket => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(say()));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void tcpServer.close());
    await once(tcpServer, 'listening');
    const bound = tcpServer.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    expect(await ask(port, true)).toEqual({ answered: false, reason });
  });

  test('that nobody waits for any more', async () => {
    const port = await udpServer(() => []);
    const ended = AbortSignal.timeout(20);
    const asked = askServer(
      { address: '127.0.0.1', port },
      { name: PAYMENTS, type: 'A' },
      { tcp: false },
      ended,
    );
    await expect(asked).rejects.toThrow('timeout');
  });
});

function reply(query: Buffer): Buffer {
  const octets = Buffer.from(query);
  octets.writeUInt16BE(0x8400, 2);
  return octets;
}

function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** A port at which every datagram is answered with these. */
async function udpServer(replies: (message: Buffer) => readonly Buffer[]): Promise<number> {
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.on('message', (message, peer) => {
    for (const each of replies(message)) socket.send(each, peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.address().port;
}
