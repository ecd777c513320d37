import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  decode,
  encode,
  type OptAnswer,
  type Packet,
  type RecordType,
  streamDecode,
  streamEncode,
} from 'dns-packet';

export interface Lookup {
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
  readonly edns: boolean;
  readonly name: string;
  readonly type: RecordType;
}

const TIMEOUT_MS = 2000;

const OPT: OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

/**
 * Asks a server on 127.0.0.1 and returns its answers as `name ttl type data`, sorted, below its response
 * code.
 */
export async function lookUp(lookup: Lookup): Promise<string> {
  const query: Packet = {
    type: 'query',
    id: 1,
    questions: [{ name: lookup.name, type: lookup.type }],
    additionals: lookup.edns ? [OPT] : [],
  };
  const reply = await (lookup.transport === 'udp' ? askUdp : askTcp)(lookup.port, query);
  const answers = (reply.answers ?? []).flatMap(answer =>
    answer.type === 'OPT' ? [] : [`${answer.name} ${answer.ttl} ${answer.type} ${answer.data}`],
  );
  return [rcodeOf(reply), ...answers.sort()].join('\n');
}

/** The types of dns-packet leave out what it decodes the response code to. */
function rcodeOf(reply: object): string {
  return 'rcode' in reply ? String(reply.rcode) : 'no response code';
}

async function askUdp(port: number, query: Packet): Promise<Packet> {
  const socket = createSocket('udp4');
  try {
    const replied = once(socket, 'message', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    socket.send(encode(query), port, '127.0.0.1');
    const [message] = await replied;
    return decode(message);
  } finally {
    socket.close();
  }
}

async function askTcp(port: number, query: Packet): Promise<Packet> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no reply in time')));
  socket.write(streamEncode(query));
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk]);
    const complete = received.length >= 2 && received.length >= 2 + received.readUInt16BE(0);
    // Leaving the loop destroys the socket.
    if (complete) return streamDecode(received);
  }
  throw new Error('the connection was closed before the reply was whole');
}
