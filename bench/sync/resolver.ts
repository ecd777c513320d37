import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, type OptAnswer } from 'dns-packet';

/** Milliseconds until a question counts as lost. */
const PATIENCE = 1_000;

/** Without it an answer of more than some thirty addresses would be cut off. */
const EDNS: OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

/** Asks a DNS server on 127.0.0.1 for addresses, many names at once over one socket. */
export class Resolver {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #asked = new Map<number, (addresses: readonly string[]) => void>();
  #id = 0;

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
    // Until the server listens, every question comes back as an error.
    socket.on('error', () => undefined);
    socket.on('message', message => this.#take(message));
  }

  static async open(port: number): Promise<Resolver> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Resolver(socket, port);
  }

  /** The A records of a name; none where there is no answer in time. */
  async addresses(name: string): Promise<readonly string[]> {
    this.#id = (this.#id + 1) & 0xffff;
    const id = this.#id;
    const query = encode({ type: 'query', id, questions: [{ type: 'A', name }], additionals: [EDNS] });
    const { promise, resolve } = Promise.withResolvers<readonly string[]>();
    const lost = setTimeout(resolve, PATIENCE, []);
    this.#asked.set(id, resolve);
    this.#socket.send(query, this.#port, '127.0.0.1', () => undefined);
    try {
      return await promise;
    } finally {
      clearTimeout(lost);
      this.#asked.delete(id);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #take(message: Buffer): void {
    const { id = -1, answers = [] } = decode(message);
    this.#asked.get(id)?.(answers.flatMap(answer => (answer.type === 'A' ? [answer.data] : [])));
  }
}
