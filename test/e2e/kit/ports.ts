import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port of 127.0.0.1 that is free for UDP and TCP alike. Neither program under test can be given port 0 for both, and
 * the daemon has to come back on the port it had. Somebody else may take it in between: starting then fails and says
 * so.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const udp = createSocket('udp4').bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { port } = udp.address();
    const tcp = createServer().listen(port, '127.0.0.1');
    const free = await once(tcp, 'listening').then(
      () => true,
      () => false,
    );
    await Promise.all([new Promise<void>(done => udp.close(done)), new Promise(done => tcp.close(done))]);
    if (free) return port;
  }
}
