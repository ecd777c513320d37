import { isIPv6 } from 'node:net';
import koffi from 'koffi';
import { addressBytes } from '../../src/base/ip.ts';
import { cpuSet } from '../../src/serve/batched/affinity.ts';
import type { SystemCalls } from '../../src/serve/batched/system-calls.ts';
import type { ListenAddress } from '../../src/serve/transport.ts';

const library = koffi.load(null);
const connect = library.func('int connect(int, void *, uint32_t)');
const send = library.func('int send(int, void *, size_t, int)');
const recv = library.func('int recv(int, _Out_ void *, size_t, int)');
const dup2 = library.func('int dup2(int, int)');
const getattr = library.func('long syscall(long, int, void *, uint32_t, uint32_t)');

const AF_INET = 2;
const AF_INET6 = 10;
const MSG_DONTWAIT = 0x40;

function checked(call: string, result: number): void {
  if (result < 0) throw new Error(`${call}: errno ${koffi.errno()}`);
}

/** Has a socket send what it is told to, and be told of what comes back as an error. */
export function connectTo(socket: number, address: string, port: number): void {
  const six = isIPv6(address);
  const name = Buffer.alloc(six ? 28 : 16);
  name.writeUInt16LE(six ? AF_INET6 : AF_INET);
  name.writeUInt16BE(port, 2);
  name.set(addressBytes(address), six ? 8 : 4);
  checked('connect', connect(socket, name, name.length));
}

export function sendOn(socket: number, octets: Uint8Array): void {
  checked('send', send(socket, octets, octets.length, 0));
}

/** How many datagrams wait on a socket; they are taken from it. */
export function takeAll(socket: number): number {
  let count = 0;
  while (recv(socket, Buffer.alloc(1), 1, MSG_DONTWAIT) >= 0) count += 1;
  return count;
}

/** Asks an address from one CPU, each time from another port. On the loopback device it arrives where it was sent. */
export function sendFrom(
  cpu: number,
  calls: SystemCalls,
  { address, port }: ListenAddress,
  messages: readonly Uint8Array[],
): void {
  const before = cpuSet([]);
  calls.affinity(before);
  calls.setAffinity(cpuSet([cpu]));
  try {
    for (const message of messages) {
      const socket = calls.socket(isIPv6(address) ? AF_INET6 : AF_INET);
      connectTo(socket, address, port);
      sendOn(socket, message);
      calls.close(socket);
    }
  } finally {
    calls.setAffinity(before);
  }
}

/** Puts another file into the place of an open one, which is closed. */
export function replaceFile(descriptor: number, by: number): void {
  checked('dup2', dup2(by, descriptor));
}

/** Nanoseconds that the scheduler gives a thread at a time; 0 where it does not tell. */
export function sliceOf(thread: number): bigint {
  const attributes = Buffer.alloc(48);
  const call = process.arch === 'arm64' ? 275 : 315;
  checked('sched_getattr', getattr(call, thread, attributes, attributes.length, 0));
  return attributes.readBigUInt64LE(24);
}
