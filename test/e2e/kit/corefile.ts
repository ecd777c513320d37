import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readCorefile } from '../../../src/corefile/read.ts';

/** Where things are on the machine of the test. */
export interface Machine {
  readonly port: number;
  readonly metricsPort: number;
  /** `127.0.0.1:PORT` */
  readonly upstream: string;
}

/** A name server that refuses everything, over UDP; from one that is not there CoreDNS waits 5 s for an answer. */
export class RefusingServer {
  readonly #socket = createSocket('udp4');

  async start(): Promise<string> {
    this.#socket.on('message', (query, { port, address }) => {
      // QR of the third octet, and REFUSED in the fourth.
      const reply = Buffer.from(query);
      reply.writeUInt8(reply.readUInt8(2) | 0x80, 2);
      reply.writeUInt8(5, 3);
      this.#socket.send(reply, port, address);
    });
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  stop(): Promise<void> {
    return new Promise(done => this.#socket.close(done));
  }
}

/**
 * A cluster's Corefile for a machine without a cluster: its blocks on one port of 127.0.0.1, or on 127.0.0.1 and
 * 127.0.0.2 where NodeLocal DNSCache has two addresses, `kubernetes` without an API server, one upstream for all, and
 * every port of its own but that of the metrics left to the system.
 */
export function onOneMachine(corefile: string, { port, metricsPort, upstream }: Machine): string {
  const text = corefile
    .replaceAll('{$UPSTREAM}', upstream)
    .replaceAll('force_tcp', 'prefer_udp')
    // CoreDNS would go on for as long when it is stopped.
    .replaceAll('lameduck 5s', 'lameduck 0s')
    .replaceAll('169.254.20.10:8080', '127.0.0.1:0')
    .replaceAll('169.254.20.10 10.96.0.10', '127.0.0.1 127.0.0.2')
    .replaceAll(/:53\b/g, `:${port}`)
    .replaceAll('dns://lab.example', `dns://lab.example:${port}`)
    .replaceAll(/^([ \t]*)forward \. [^{\r\n]*/gm, `$1forward . ${upstream} `)
    .replaceAll(/^([ \t]*)health(?= *[{\r\n])/gm, '$1health 127.0.0.1:0')
    .replaceAll(/^([ \t]*)ready(?=[ \t\r\n])/gm, '$1ready 127.0.0.1:0')
    .replaceAll(/^([ \t]*)prometheus \S+/gm, `$1prometheus 127.0.0.1:${metricsPort}`)
    .replaceAll('import /etc/coredns/', 'import ')
    .replaceAll(/^[ \t]*kubernetes [^{]*\{/gm, '$&\n    endpoint http://127.0.0.1:1\n    startup_timeout 1s');
  return withBind(text);
}

/** Every block without `bind` gets one. */
function withBind(text: string): string {
  let bound = text;
  for (const entry of readCorefile(text).entries.toReversed()) {
    if (entry.kind !== 'server' || entry.directives.some(({ name }) => name.text === 'bind')) continue;
    const open = text.indexOf('{', entry.keys.at(-1)?.end) + 1;
    bound = `${bound.slice(0, open)}\n    bind 127.0.0.1${bound.slice(open)}`;
  }
  return bound;
}
