import { createSocket } from 'node:dgram';
import { parentPort, workerData } from 'node:worker_threads';

/** Queries dealt with so far, for a parent whose event loop does not turn. */
const handled: Int32Array = workerData;

/**
 * Sends queries back as replies, of names that begin with `r` as refused; of those that begin with `l` none, and of
 * those that begin with `h` once there is one that begins with `e`.
 */
const socket = createSocket('udp4');
const held: (() => void)[] = [];
const count = () => Atomics.add(handled, 0, 1);
socket.on('message', (message, { port, address }) => {
  const initial = String.fromCharCode(message[13] ?? 0);
  if (initial === 'l') {
    count();
    return;
  }
  message[2] = 0x80;
  message[3] = initial === 'r' ? 5 : 0;
  const reply = () => socket.send(message, port, address, count);
  if (initial === 'h') held.push(reply);
  else reply();
  if (initial === 'e') for (const send of held.splice(0)) send();
});
socket.bind(0, '127.0.0.1', () => parentPort?.postMessage(socket.address().port));
