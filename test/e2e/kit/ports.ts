import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Below are those that programs are known by. */
const LEAST = 10_000;

/**
 * A port of 127.0.0.1 that is free for UDP and TCP alike. Neither program under test can be given port 0 for both, and
 * the daemon has to come back on the port it had. It is none of those that the kernel gives to whoever asks for any, or
 * connects to somewhere: one of these would soon be taken by somebody else.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LEAST, leastEphemeral());
    const udp = createSocket('udp4').bind(port, '127.0.0.1');
    const tcp = createServer().listen(port, '127.0.0.1');
    const [isUdpFree, isTcpFree] = await Promise.all([udp, tcp].map(isListening));
    if (isUdpFree) await new Promise<void>(done => udp.close(done));
    if (isTcpFree) await new Promise(done => tcp.close(done));
    if (isUdpFree && isTcpFree) return port;
  }
}

function isListening(socket: NodeJS.EventEmitter): Promise<boolean> {
  return once(socket, 'listening').then(
    () => true,
    () => false,
  );
}

/** Linux says in two numbers from where to where they go; elsewhere those of RFC 6335 are used. */
function leastEphemeral(): number {
  const path = '/proc/sys/net/ipv4/ip_local_port_range';
  const [least] = existsSync(path) ? readFileSync(path, 'utf8').split('\t') : [];
  return Math.max(Number(least ?? 49_152), LEAST + 1_000);
}
