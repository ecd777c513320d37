import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';

const clients = 16;

/**
 * Asks for the A record of `name` over UDP `count` times, some at once as pods would, and counts the answers by what
 * they say. A question that gets no reply within 5 s, or any other than one address, throws.
 */
export async function draw(port: number, name: string, count: number): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  let left = count;
  const askInTurn = async (): Promise<void> => {
    const socket = createSocket('udp4');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    try {
      while (left-- > 0) {
        const id = left & 0xffff;
        socket.send(encode({ id, flags: RECURSION_DESIRED, questions: [{ type: 'A', name }] }));
        const [message] = await once(socket, 'message', { signal: AbortSignal.timeout(5_000) });
        const address = addressOf(message, id);
        seen.set(address, (seen.get(address) ?? 0) + 1);
      }
    } finally {
      socket.close();
    }
  };
  await Promise.all(Array.from({ length: clients }, askInTurn));
  return seen;
}

function addressOf(message: Buffer, id: number): string {
  const reply = decode(message);
  const [answer, ...others] = reply.answers ?? [];
  if (reply.id !== id || answer?.type !== 'A' || others.length > 0) {
    throw new Error(`expected one address in reply ${id}, got ${JSON.stringify(reply)}`);
  }
  return answer.data;
}
