import { CausewayError } from '../base/errors.ts';
import type { TcpServer } from './tcp.ts';
import {
  type BoundAddress,
  formatAddress,
  type ListenAddress,
  type Transport,
  type UdpSide,
} from './transport.ts';

export interface DnsServerOptions {
  readonly listen: readonly ListenAddress[];
  /** Makes the UDP side of one address; which transport it is is its own affair. */
  readonly udp: (listen: ListenAddress) => UdpSide;
  readonly tcp: TcpServer;
}

/** Ports that the system chose for UDP but that are taken for TCP are rare; ten in a row are not chance. */
const PORT_TRIES = 10;

/** DNS over UDP and TCP, on the same port of each address. */
export class DnsServer implements Transport {
  readonly name = 'dns';
  readonly #options: DnsServerOptions;
  readonly #udp: UdpSide[] = [];

  constructor(options: DnsServerOptions) {
    this.#options = options;
  }

  /** The UDP sides in use, in the order of their addresses once all of them are. */
  get udp(): readonly UdpSide[] {
    return this.#udp;
  }

  /** Why it does not answer as it should; undefined: it does. */
  get obstacle(): string | undefined {
    const { listen } = this.#options;
    const dead = listen.find((_, index) => (this.#udp[index]?.serving ?? 0) === 0);
    return dead && `nothing answers UDP on ${formatAddress(dead)}`;
  }

  async start(): Promise<BoundAddress[]> {
    const bound: BoundAddress[] = [];
    for (const listen of this.#options.listen) bound.push(...(await this.#listen(listen)));
    return bound;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#udp.map(udp => udp.stop()), this.#options.tcp.stop()]);
  }

  async #listen(listen: ListenAddress): Promise<BoundAddress[]> {
    for (let tries = listen.port === 0 ? PORT_TRIES : 1; ; tries -= 1) {
      const udp = this.#options.udp(listen);
      this.#udp.push(udp);
      const datagrams = await udp.start();
      const port = datagrams[0]?.port ?? listen.port;
      try {
        return [...datagrams, await this.#options.tcp.listen({ ...listen, port })];
      } catch (error) {
        if (tries === 1 || !(error instanceof CausewayError)) throw error;
        this.#udp.pop();
        await udp.stop();
      }
    }
  }
}
