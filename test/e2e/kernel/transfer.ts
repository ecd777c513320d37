import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';

/**
 * Large packets between pods. `serve` answers each connection with as many octets as it gets. `exchange ADDRESS OCTETS`
 * sends so many over one connection and prints how many came back. `datagram ADDRESS OCTETS` sends one of that size,
 * header included, which may not be taken apart on the way as long as nothing smaller is known to be the most.
 */
const [verb = '', address = '', octets = ''] = process.argv.slice(2);
const PORT = 7008;

if (verb === 'serve') await serve();
else if (verb === 'exchange') console.log(await exchange(address, Number(octets)));
else await sendDatagram(address, Number(octets));

async function serve(): Promise<void> {
  const server = createServer(socket => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(PORT, '::');
  await once(server, 'listening');
  console.log('ready');
}

async function exchange(host: string, count: number): Promise<number> {
  const socket = createConnection({ host, port: PORT });
  let received = 0;
  socket.on('data', (data: Buffer) => {
    received += data.length;
  });
  socket.end(Buffer.alloc(count, 'x'));
  await once(socket, 'close');
  return received;
}

async function sendDatagram(host: string, count: number): Promise<void> {
  const version = host.includes(':') ? 6 : 4;
  const socket = createSocket(`udp${version}`);
  const headers = version === 6 ? 48 : 28;
  await new Promise(sent => socket.send(Buffer.alloc(count - headers), 7007, host, sent));
  socket.close();
}
