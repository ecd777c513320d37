import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '../../kit/packet.ts';

/**
 * A client of the DNS daemon that runs in a namespace. `ask SERVER COUNT SOURCE…` sends queries from each of the
 * sources in turn, all in one burst, and prints for each how many were answered. `page URL` prints what is there.
 */
const [verb = '', ...words] = process.argv.slice(2);
const PORT = 53;
/** Milliseconds without an answer after which none comes any more. */
const SILENCE = 500;

if (verb === 'page') console.log(await (await fetch(words[0] ?? '')).text());
else await ask(words[0] ?? '', Number(words[1]), words.slice(2));

async function ask(server: string, count: number, sources: readonly string[]): Promise<void> {
  let last = performance.now();
  const clients = sources.map(source => {
    const client = { source, answered: 0, socket: createSocket(server.includes(':') ? 'udp6' : 'udp4') };
    client.socket.on('message', () => {
      client.answered += 1;
      last = performance.now();
    });
    return client;
  });
  for (const { socket, source } of clients) {
    socket.bind(0, source);
    await once(socket, 'listening');
  }
  for (let id = 0; id < count; id += 1) {
    const message = query('payments.shop.svc.clusterset.local', 'A', { id });
    for (const { socket } of clients) socket.send(message, PORT, server);
  }
  last = performance.now();
  while (performance.now() - last < SILENCE) await sleep(20);
  console.log(JSON.stringify(Object.fromEntries(clients.map(({ source, answered }) => [source, answered]))));
  for (const { socket } of clients) socket.close();
}
