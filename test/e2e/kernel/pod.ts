import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What runs in a pod. `echo` answers each datagram with the address that it came from. `ask` prints, for each address
 * given, what is answered there, or nothing after 300 ms. `stream ADDRESS COUNT [SIZE]` sends so many datagrams, or
 * until SIGTERM, 200 a second, each of so many octets at least, which no node on the way may divide, and prints how
 * many answers came, and when none did.
 */
const [verb = '', ...words] = process.argv.slice(2);
const PORT = 7007;
/** Milliseconds without an answer that are told of. */
const PAUSE = 100;
const MOST_PAUSES = 20;
// On a busy machine a program that waits for its turn overruns its own buffer, and that is no packet lost on the way.
const BUFFER = { recvBufferSize: 1024 * 1024 };
setPriority(-10);

if (verb === 'echo') await echo();
else if (verb === 'ask') console.log(JSON.stringify(await Promise.all(words.map(ask))));
else await stream(words[0] ?? '', Number(words[1]), Number(words[2] ?? 0));

async function echo(): Promise<void> {
  for (const type of ['udp4', 'udp6'] as const) {
    const socket = createSocket({ type, ipv6Only: type === 'udp6', ...BUFFER });
    socket.on('message', (_, { address, port }) => socket.send(address, port, address));
    socket.bind(PORT);
    await once(socket, 'listening');
  }
  console.log('ready');
}

async function ask(address: string): Promise<string> {
  const socket = socketFor(address);
  try {
    const answer = once(socket, 'message', { signal: AbortSignal.timeout(300) });
    socket.send('who am I', PORT, address);
    const [message] = await answer;
    return String(message);
  } catch {
    return 'nothing';
  } finally {
    socket.close();
  }
}

async function stream(address: string, count: number, size: number): Promise<void> {
  const socket = socketFor(address);
  const start = performance.now();
  let answers = 0;
  let heardAt = start;
  const pauses: string[] = [];
  socket.on('message', () => {
    const now = performance.now();
    if (now - heardAt > PAUSE && pauses.length < MOST_PAUSES)
      pauses.push(`${inWords(heardAt)} for ${Math.round(now - heardAt)} ms`);
    answers += 1;
    heardAt = now;
  });
  let isOver = false;
  process.once('SIGTERM', () => {
    isOver = true;
  });
  let sent = 0;
  while (sent < count && !isOver) {
    const wait = start + sent * 5 - performance.now();
    if (wait > 0) await sleep(wait);
    socket.send(`${sent}`.padEnd(size), PORT, address);
    sent += 1;
  }
  await sleep(1_000);
  socket.close();
  console.log(JSON.stringify({ sent, answers, pauses: [...pauses, `${inWords(heardAt)} until the end`] }));
}

function inWords(time: number): string {
  return new Date(performance.timeOrigin + time).toISOString();
}

function socketFor(address: string): Socket {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', ...BUFFER });
  socket.on('error', () => {});
  return socket;
}
