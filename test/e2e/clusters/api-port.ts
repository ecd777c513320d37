import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Opens a port of loopback in the network namespace that it is started in and hands it to the process that started it:
 * what comes in there is served where that one stands, for a socket belongs to the network in which it was opened.
 */
const server = createServer().listen(Number(process.argv[2]), '127.0.0.1');
await once(server, 'listening');
await new Promise(resolve => process.send?.('port', server, resolve));
server.close();
// Ends with the channel, and so with the process that started it.
process.on('message', () => {});
