import { Arena } from '../../src/serve/batched/arena.ts';
import { openSockets } from '../../src/serve/batched/socket.ts';
import { loadSystemCalls, MSG_WAITFORONE } from '../../src/serve/batched/system-calls.ts';

const MESSAGES = 64;
const SEND_ROOM = 1232;

/**
 * Sends every datagram back as a response, through the system calls and the arena of the daemon, and does nothing else.
 */
async function run(port: number): Promise<void> {
  const calls = await loadSystemCalls();
  const memory = calls.map(Arena.lengthFor(MESSAGES, SEND_ROOM));
  const arena = new Arena({ calls, memory, messages: MESSAGES, sendRoom: SEND_ROOM });
  const [[socket = -1]] = openSockets(calls, { address: '127.0.0.1', port }, 1);
  const { octets } = arena;
  const exchange = {
    ...{ message: octets, start: 0, end: 0, client: octets, clientStart: 0, clientLength: 0 },
    ...{ output: octets, outputStart: 0 },
  };
  for (let count = MESSAGES; ; ) {
    arena.prepare(Math.max(0, count));
    count = calls.receive(socket, arena.receiveHeaders, MESSAGES, MSG_WAITFORONE);
    for (let index = 0; index < count; index++) {
      arena.open(index, exchange);
      const length = Math.min(SEND_ROOM, exchange.end - exchange.start);
      octets.copyWithin(exchange.outputStart, exchange.start, exchange.start + length);
      octets[exchange.outputStart + 2] = (octets[exchange.outputStart + 2] ?? 0) | 0x80;
      arena.reply(length);
    }
    if (arena.replies > 0) calls.send(socket, arena.sendHeaders(0), arena.replies, 0);
    arena.replies = 0;
  }
}

await run(Number(process.argv[2]));
