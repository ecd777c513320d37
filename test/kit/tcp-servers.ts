import { afterAll } from 'vitest';
import { type TcpLimits, TcpServer } from '../../src/serve/tcp.ts';
import type { Handler } from '../../src/serve/transport.ts';
import { silent } from './handlers.ts';

export type ServeTcp = (handler: Handler, limits?: Partial<TcpLimits>) => Promise<[TcpServer, number]>;

/** A function that starts TCP servers with these limits, and gives each with its port; all stop after the tests. */
export function tcpServers(defaults: TcpLimits): ServeTcp {
  const servers: TcpServer[] = [];
  afterAll(() => Promise.all(servers.map(server => server.stop())));
  return async (handler, limits = {}) => {
    const server = new TcpServer({ handler, log: silent, limits: { ...defaults, ...limits } });
    servers.push(server);
    const { port } = await server.listen({ address: '127.0.0.1', port: 0 });
    return [server, port];
  };
}
