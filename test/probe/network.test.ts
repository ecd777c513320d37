import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket as Stream } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/ops/clock.ts';
import { octetsOf } from '../../src/paths/message.ts';
import type { Target } from '../../src/paths/target.ts';
import type { StreamResult } from '../../src/probe/asker.ts';
import { NetworkAsker } from '../../src/probe/network-asker.ts';
import { Prober } from '../../src/probe/prober.ts';
import { Responder } from '../../src/probe/responder.ts';
import { waitFor } from '../e2e/kit/wait.ts';

/** Of loopback's many addresses some that nobody else listens at, whatever the port. */
const NET = `127.${(process.pid >> 8) & 127}.${process.pid & 255}`;
const [ASKER, ANSWERER, OTHER] = [`${NET}.1`, `${NET}.2`, `${NET}.3`] as const;

let port: number;
let responder: Responder;
let failures: string[];
const ends: (() => unknown)[] = [];

const target = (address: string): Target => ({
  cluster: 'west',
  uid: address,
  name: 'node',
  family: 'IPv4',
  address,
  mtu: 1500,
});

async function freePort(): Promise<number> {
  const server = createServer().listen({ host: ANSWERER, port: 0 });
  await once(server, 'listening');
  const bound = server.address();
  await new Promise(closed => server.close(closed));
  return typeof bound === 'object' ? (bound?.port ?? 0) : 0;
}

beforeEach(async () => {
  port = await freePort();
  failures = [];
  responder = new Responder({
    clock: systemClock,
    port,
    failed: (address, reason) => failures.push(`${address} ${reason}`),
  });
  ends.push(() => responder.stop());
  responder.at([ANSWERER]);
  await waitFor('it listens', () => responder.listening.length === 1);
});

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A socket that counts what comes back. */
async function datagramsFrom(address: string): Promise<{ socket: Socket; received: Buffer[] }> {
  const socket = createSocket('udp4');
  let isOpen = true;
  socket.once('close', () => {
    isOpen = false;
  });
  ends.push(() => isOpen && socket.close());
  const received: Buffer[] = [];
  socket.on('message', octets => received.push(octets));
  socket.bind({ address, port: 0 });
  await once(socket, 'listening');
  return { socket, received };
}

const question = (size: number, nonce = 1n): Uint8Array => octetsOf({ kind: 'question', size, nonce });

async function ask(from: string, size = 3_000): Promise<StreamResult> {
  const asker = new NetworkAsker(port, () => {});
  asker.from({ IPv4: from });
  return asker.stream({ target: target(ANSWERER), size, nonce: 5n }).finally(() => asker.stop());
}

/** Sends a good question until it is answered; so all that was sent before has been read. */
async function answersTo(socket: Socket, received: readonly Buffer[]): Promise<void> {
  const nonce = BigInt(Math.floor(Math.random() * 2 ** 48));
  const wanted = Buffer.from(octetsOf({ kind: 'answer', size: 16, nonce }));
  await waitFor('a good question is answered', () => {
    if (received.some(octets => octets.equals(wanted))) return true;
    socket.send(question(16, nonce), port, ANSWERER);
    return false;
  });
}

test('a prober and a responder: up, and up still when the responder is gone and the kernel refuses', async () => {
  const changes: string[] = [];
  let drawn = 0n;
  const prober = new Prober({
    clock: systemClock,
    random: Math.random,
    nonce: () => {
      drawn += 1n;
      return drawn;
    },
    asker: answered => new NetworkAsker(port, answered),
    published: () => new Map(),
    changed: ({ state: { verdict, finding } }) => changes.push(`${verdict} ${finding ?? ''}`.trim()),
  });
  ends.push(() => prober.stop());
  prober.probe({ own: 'e1', sources: { IPv4: ASKER }, targets: [target(ANSWERER)] });
  await waitFor('up', () => changes.includes('up'));
  const readings = () => [...prober.paths.values()].flatMap(path => path.readings);
  expect(readings()).toMatchObject([
    {
      address: ANSWERER,
      silent: false,
      probes: { small: { last: 'answered' }, large: { last: 'answered' }, stream: { last: 'answered' } },
    },
  ]);
  responder.stop();
  await waitFor('refused', () => readings()[0]?.probes.stream.last === 'refused' && readings()[0]?.silent);
  expect(changes).toEqual(['up']);
}, 30_000);

describe('a stream', () => {
  test('is answered', async () => {
    expect(await ask(ASKER)).toBe('answered');
    expect(await ask(ASKER, 16)).toBe('answered');
    expect(await ask(ASKER, 16_384)).toBe('answered');
  });

  test('is refused where nobody listens, lost where nobody answers, and neither is this node without its address', async () => {
    expect(await ask('192.0.2.1')).toBe('unable');
    responder.stop();
    await waitFor('refused', async () => (await ask(ASKER)) === 'refused');
    const mute = createServer(socket => socket.on('error', () => {})).listen({ host: ANSWERER, port });
    ends.push(() => mute.close());
    await once(mute, 'listening');
    expect(await ask(ASKER)).toBe('lost');
  });

  test('is lost where somebody answers something else', async () => {
    responder.stop();
    await waitFor('refused', async () => (await ask(ASKER)) === 'refused');
    const liar = createServer(socket => {
      socket.on('error', () => {}).write(octetsOf({ kind: 'answer', size: 3_000, nonce: 6n }));
    });
    ends.push(() => liar.close());
    liar.listen({ host: ANSWERER, port });
    await once(liar, 'listening');
    expect(await ask(ASKER)).toBe('lost');
  });
});

describe('hostile datagrams', () => {
  test('no answer is larger than its question, none comes to what is no question', async () => {
    const { socket, received } = await datagramsFrom(ASKER);
    const junk = fc
      .sample(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          // Nearly a question.
          fc.tuple(fc.nat(15), fc.nat(255)).map(([at, value]) => {
            const octets = question(32);
            octets[at] = value;
            return octets;
          }),
          fc.constant(octetsOf({ kind: 'answer', size: 64, nonce: 1n })),
          fc.constant(new Uint8Array(0)),
        ),
        { numRuns: 300, seed: 1 },
      )
      .filter(octets => !isQuestion(octets));
    for (const octets of junk) socket.send(octets, port, ANSWERER);
    await answersTo(socket, received);
    expect(new Set(received.map(octets => octets.length))).toEqual(new Set([16]));
    const before = received.length;
    socket.send(question(1_000), port, ANSWERER);
    await waitFor('its answer', () => received.length === before + 1);
    expect(received.at(-1)?.equals(octetsOf({ kind: 'answer', size: 1_000, nonce: 1n }))).toBe(true);
  });

  test('nothing of what stands in a question comes back but its number', async () => {
    const { socket, received } = await datagramsFrom(ASKER);
    socket.send(Buffer.concat([question(64).subarray(0, 16), Buffer.alloc(48, 'x')]), port, ANSWERER);
    await waitFor('its answer', () => received.length === 1);
    expect(received[0]?.equals(octetsOf({ kind: 'answer', size: 64, nonce: 1n }))).toBe(true);
  });

  test('a flood is answered a burst, and others as before', async () => {
    const { socket: flood, received } = await datagramsFrom(ASKER);
    const start = performance.now();
    for (let sent = 0; sent < 5_000; sent++) flood.send(question(16, BigInt(sent)), port, ANSWERER);
    const honest = await datagramsFrom(OTHER);
    await answersTo(honest.socket, honest.received);
    await waitFor('some are answered', () => received.length > 0);
    const seconds = (performance.now() - start) / 1_000;
    expect(received.length).toBeLessThanOrEqual(40 + 20 * (seconds + 1));
  });
});

describe('hostile connections', () => {
  async function open(from: string): Promise<Stream> {
    const stream = connect({ host: ANSWERER, port, localAddress: from });
    ends.push(() => stream.destroy());
    stream.on('error', () => {});
    await once(stream, 'connect').catch(() => {});
    return stream;
  }

  const isClosed = (stream: Stream) => () => stream.closed;

  test('who is slow is cut off after 3 s, who has too many open at once, and others are answered meanwhile', async () => {
    const slow = await Promise.all(Array.from({ length: 30 }, () => open(OTHER)));
    const timer = setInterval(() => {
      for (const stream of slow) if (!stream.destroyed) stream.write(question(16_000).subarray(0, 1));
    }, 100);
    ends.push(() => clearInterval(timer));
    expect(await ask(ASKER)).toBe('answered');
    await waitFor('all but a few are refused', () => slow.filter(({ closed }) => !closed).length <= 8);
    await waitFor('all are cut off', () => slow.every(({ closed }) => closed));
    expect(await ask(ASKER)).toBe('answered');
  }, 30_000);

  test.each([
    ['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['an answer', octetsOf({ kind: 'answer', size: 16, nonce: 1n })],
    ['a question that is too large', question(16_385).subarray(0, 16)],
    ['more than a question', Buffer.concat([question(16), Buffer.from('x')])],
  ])('%s: cut off at once', async (_, octets) => {
    const stream = await open(ASKER);
    stream.resume();
    stream.write(octets);
    await waitFor('it is closed', isClosed(stream), Boolean, 2_500);
    expect(stream.bytesRead).toBeLessThanOrEqual(octets.length);
  });

  test('who does not read its answer is cut off', async () => {
    const stream = await open(ASKER);
    stream.pause();
    stream.write(question(16_384));
    await waitFor('the answer has come', () => stream.readableLength > 0 || stream.bytesRead > 0);
    stream.resume();
    await waitFor('it is closed', isClosed(stream));
    expect(stream.bytesRead).toBeLessThanOrEqual(16_384);
  });
});

describe('where it listens', () => {
  test('follows what it is told, and comes back where an address was missing', async () => {
    responder.at([OTHER]);
    await waitFor('there', () => responder.listening.join() === OTHER);
    responder.stop();
    await waitFor('nowhere', async () => (await ask(ASKER)) === 'refused');
    responder.at([ANSWERER, OTHER]);
    await waitFor('both', () => responder.listening.length === 2);
  });

  test('an address that is not there, or a port that is taken, is told once; the others are not held up', async () => {
    const { socket } = await datagramsFrom(OTHER);
    const taken = new Responder({
      clock: systemClock,
      port: socket.address().port,
      failed: (address, reason) => failures.push(`${address}: ${reason}`),
    });
    ends.push(() => taken.stop());
    taken.at(['192.0.2.1', OTHER, ANSWERER]);
    await waitFor('the third', () => taken.listening.join() === ANSWERER);
    await waitFor('both are told', () => failures.length === 2);
    expect(failures.sort()).toEqual([
      expect.stringContaining(`${OTHER}: Error: bind EADDRINUSE`),
      expect.stringContaining('192.0.2.1: Error: bind EADDRNOTAVAIL'),
    ]);
    socket.close();
    await waitFor('it listens when the port is free', () => taken.listening.length === 2);
    expect(failures).toHaveLength(2);
  }, 30_000);
});

function isQuestion(octets: Uint8Array): boolean {
  return (
    Buffer.from(octets.subarray(0, 6)).equals(Buffer.from(question(16).subarray(0, 6))) &&
    Buffer.from(octets).readUInt16BE(6) === octets.length
  );
}
