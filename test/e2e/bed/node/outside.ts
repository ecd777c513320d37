import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { descriptionPath } from '../description.ts';
import { nodeStatePath } from './folders.ts';

/*
 * The program `node` of a cluster. It stands on the machine's network, where the API server is, and keeps one that
 * stands in the node's (inside.ts). A socket belongs to the network in which it was opened, so the other one opens the
 * API server's port there and hands it over: what comes in is passed on to the port of the same number here.
 */
const folder = process.argv[2] ?? '';
const port: number = JSON.parse(readFileSync(descriptionPath(folder), 'utf8')).ports.api;
rmSync(nodeStatePath(folder), { force: true });

// Killed with this process, come what may: then all of its namespaces end, for nobody else is in them.
const bound = ['--pdeathsig', 'KILL', 'unshare', '--net'];
const command = [process.execPath, join(import.meta.dirname, 'inside.ts'), folder];
const child = spawn('setpriv', [...bound, ...command], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
child.once('close', code => process.exit(code ?? 1));
process.once('SIGTERM', () => child.send('end'));

child.on('message', (message, handle) => {
  if (message === 'port') (handle as Server).on('connection', passOn);
  if (message === 'ready') {
    writeFileSync(nodeStatePath(folder), JSON.stringify({ program: process.pid, inside: child.pid }));
  }
});

function passOn(client: Socket): void {
  const server = connect({ port, host: '127.0.0.1' });
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.setNoDelay(true).pipe(to);
    from.once('error', () => to.resetAndDestroy());
    from.once('close', () => to.destroy());
  }
}
