import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Handler } from '../../src/serve/transport.ts';
import { headerOnly, idsOf, replyOf } from '../kit/handlers.ts';
import { query } from '../kit/packet.ts';
import { type MakeUdp, udpTransports } from '../kit/udp-transports.ts';

/** A thread has to start first, on a machine that may have other things to do. */
const SOON = { timeout: 20_000 };

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0)) await undo();
});

/** A client socket; `messages` fills with what comes back. */
async function client(family: 4 | 6 = 4) {
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
  const host = family === 4 ? '127.0.0.1' : '::1';
  socket.bind(0, host);
  await once(socket, 'listening');
  cleanup.push(() => new Promise<void>(closed => socket.close(() => closed())));
  const messages: Buffer[] = [];
  socket.on('message', message => messages.push(message));
  const send = (octets: Uint8Array, port: number) =>
    new Promise<void>((resolve, reject) =>
      socket.send(octets, port, host, error => (error ? reject(error) : resolve())),
    );
  return { socket, messages, send };
}

function ask(id: number): Buffer {
  return query('payments.shop.svc.clusterset.local', 'A', { id });
}

describe.each(udpTransports)('UDP by $name', ({ make }: { make: MakeUdp }) => {
  async function serve(handler: Handler, address = '127.0.0.1', sendFailed = () => {}) {
    const transport = await make({ listen: { address, port: 0 }, handler, sendFailed });
    cleanup.push(() => transport.stop());
    const [bound] = await transport.start();
    return { transport, port: bound?.port ?? 0, bound };
  }

  test.each([
    ['127.0.0.1', 4],
    ['::1', 6],
    ['0.0.0.0', 4],
    ['::', 6],
  ] as const)('answers on %s, from where it was asked', async (address, family) => {
    const seen: string[] = [];
    const { port, bound } = await serve((message, from) => {
      seen.push(`${from.transport} ${from.address}`);
      return headerOnly(message, from);
    }, address);
    const { messages, send, socket } = await client(family);
    const senders: number[] = [];
    socket.on('message', (_message, from) => senders.push(from.port));
    await send(ask(9), port);
    await vi.waitFor(() => expect(idsOf(messages)).toEqual([9]), SOON);
    expect(bound).toEqual({ protocol: 'udp', address, port });
    expect(senders).toEqual([port]);
    expect(seen).toEqual([family === 4 ? 'udp 127.0.0.1' : 'udp ::1']);
  });

  test('0.0.0.0 and :: stand side by side on one port', async () => {
    const { port } = await serve(headerOnly, '0.0.0.0');
    const six = await make({ listen: { address: '::', port }, handler: headerOnly });
    cleanup.push(() => six.stop());
    await expect(six.start()).resolves.toEqual([{ protocol: 'udp', address: '::', port }]);
  });

  test('an empty datagram and one of 64 KiB reach the handler whole', async () => {
    const lengths: number[] = [];
    const { port } = await serve(message => {
      lengths.push(message.length);
      return undefined;
    });
    const { send } = await client();
    await send(Buffer.alloc(0), port);
    await send(Buffer.alloc(65_507), port);
    await vi.waitFor(() => expect(lengths).toEqual([0, 65_507]), SOON);
  });

  test('a reply that cannot be sent is counted, and the next one is sent', async () => {
    let failures = 0;
    const tooLarge = replyOf(65_508);
    const { port } = await serve(
      (message, from) => (message[1] === 1 ? tooLarge(message, from) : headerOnly(message, from)),
      '127.0.0.1',
      () => {
        failures += 1;
      },
    );
    const { messages, send } = await client();
    await send(ask(1), port);
    await send(ask(2), port);
    await vi.waitFor(() => expect(idsOf(messages)).toEqual([2]), SOON);
    expect(failures).toBe(1);
  });

  test('stopping answers what had arrived', async () => {
    const { transport, port } = await serve(headerOnly);
    const { messages, send } = await client();
    for (let id = 0; id < 200; id += 1) await send(ask(id), port);
    await transport.stop();
    await vi.waitFor(() => expect(messages).toHaveLength(200), SOON);
  });

  test('a port in use is said so, with what to do', async () => {
    const { port } = await serve(headerOnly);
    const other = await make({ listen: { address: '127.0.0.1', port }, handler: headerOnly });
    await expect(other.start()).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port} (udp): the port is in use; stop what holds it or choose another with --listen`,
    );
    await other.stop();
  });

  test('an address that this machine does not have is said so', async () => {
    await expect(serve(headerOnly, '192.0.2.1')).rejects.toThrow(
      'cannot listen on 192.0.2.1:0 (udp): this machine does not have that address',
    );
  });
});
