import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { undoAtEnd } from '../kit/leftovers.ts';
import type { Namespace } from './namespace.ts';

/** A port of the loopback device out here that is there inside a network namespace, too. */
export interface Doorway {
  close(): void;
}

/**
 * What is at 127.0.0.1:PORT where the test runs is at the same address inside. A socket belongs to the network that it
 * was opened in, so a process in there opens one and hands it over; nothing else leads out.
 */
export async function openDoorway({ inside }: Namespace, port: number): Promise<Doorway> {
  const [command = '', ...before] = inside;
  const words = [...before, process.execPath, fileURLToPath(import.meta.url), `${port}`];
  const child = spawn(command, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [, handle] = await once(child, 'message');
  const server = handle as Server;
  const sockets = new Set<Socket>();
  server.on('connection', client => passOn(client, port, sockets));
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  const undone = undoAtEnd(close);
  return {
    close: () => {
      close();
      undone();
    },
  };
}

function passOn(client: Socket, port: number, sockets: Set<Socket>): void {
  const server = connect({ port, host: '127.0.0.1' });
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    sockets.add(from);
    from.setNoDelay(true).pipe(to);
    from.once('error', () => to.resetAndDestroy());
    from.once('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  }
}

// In there.
if (import.meta.main) {
  const port = createServer().listen(Number(process.argv[2]), '127.0.0.1');
  await once(port, 'listening');
  await new Promise(resolve => process.send?.('port', port, resolve));
  process.exit();
}
