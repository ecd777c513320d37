import koffi from 'koffi';
import { addressBytes } from '../../src/base/ip.ts';

const library = koffi.load(null);
const connect = library.func('int connect(int, void *, uint32_t)');
const send = library.func('int send(int, void *, size_t, int)');
const dup2 = library.func('int dup2(int, int)');

const AF_INET = 2;

function checked(call: string, result: number): void {
  if (result < 0) throw new Error(`${call}: errno ${koffi.errno()}`);
}

/** Has an IPv4 socket send what it is told to, and be told of what comes back as an error. */
export function connectTo(socket: number, address: string, port: number): void {
  const name = Buffer.alloc(16);
  name.writeUInt16LE(AF_INET);
  name.writeUInt16BE(port, 2);
  name.set(addressBytes(address), 4);
  checked('connect', connect(socket, name, name.length));
}

export function sendOn(socket: number, octets: Uint8Array): void {
  checked('send', send(socket, octets, octets.length, 0));
}

/** Puts another file into the place of an open one, which is closed. */
export function replaceFile(descriptor: number, by: number): void {
  checked('dup2', dup2(by, descriptor));
}
