import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { TCP_TIMES, TcpServer } from '../../src/serve/tcp.ts';
import type { Handler } from '../../src/serve/transport.ts';

/**
 * The TCP side of the daemon as a process, with nothing behind it: `--held OCTETS` that its connections may hold
 * together, `--reply OCTETS` of each reply. Prints its port, and what was closed so far by reason for each line that it
 * is sent.
 */
const { values } = parseArgs({ options: { held: { type: 'string' }, reply: { type: 'string' } } });
const size = Number(values.reply);

const handler: Handler = message => {
  const reply = Buffer.alloc(size);
  reply.set(message.subarray(0, 12));
  reply[2] = (reply[2] ?? 0) | 0x80;
  return reply;
};

const server = new TcpServer({
  handler,
  log: pino({ level: 'silent' }),
  limits: {
    ...TCP_TIMES,
    held: Number(values.held),
    idle: 30_000,
    connections: 100_000,
    connectionsPerClient: 100_000,
  },
});
const { port } = await server.listen({ address: '127.0.0.1', port: 0 });
console.log(port);
process.stdin.on('data', () => console.log(JSON.stringify(server.closed)));
process.stdin.on('end', () => process.exit());
