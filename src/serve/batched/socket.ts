import { isIPv6 } from 'node:net';
import { addressBytes } from '../../base/ip.ts';
import { SystemCallError } from '../../ops/c-library.ts';
import { type BoundAddress, type ListenAddress, listenError } from '../transport.ts';
import { Arena } from './arena.ts';
import { steeringProgram } from './steering.ts';
import { EAGAIN, MSG_DONTWAIT, type SystemCalls } from './system-calls.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const NAME_LENGTH = { [AF_INET]: 16, [AF_INET6]: 28 } as const;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_REUSEPORT = 15;
const SO_RCVTIMEO = 20;
const SO_RXQ_OVFL = 40;
const SO_ATTACH_REUSEPORT_CBPF = 51;
const IPPROTO_IP = 0;
const IP_PKTINFO = 8;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const IPV6_RECVPKTINFO = 49;

/**
 * Octets of kernel buffer asked for each way; the kernel cuts them down to net.core.rmem_max and wmem_max by itself. To
 * send they have to hold what no interface has taken yet: what finds no room is lost.
 */
const BUFFER = 4 * 1024 * 1024;

/** Milliseconds after which a receive that nothing came for returns, so that its thread sees that it is to stop. */
const RECEIVE_TIMEOUT = 50;

/**
 * UDP sockets on one address, among which the kernel spreads the clients by their address and port. The first is bound
 * alone, so that a port that others use is seen; only then it and the others are told to share it.
 *
 * @throws CausewayError LISTEN_FAILED where the address is refused, which it is to everybody
 * @throws SystemCallError for whatever else the system refuses
 */
export function openSockets(
  calls: SystemCalls,
  listen: ListenAddress,
  count: number,
): [number[], BoundAddress] {
  const sockets: number[] = [];
  try {
    const first = openSocket(calls, listen);
    sockets.push(first);
    bindFirst(calls, first, listen);
    const bound = { ...listen, port: portOf(calls, first, listen) };
    if (count > 1) calls.setOption(first, SOL_SOCKET, SO_REUSEPORT, word(1));
    while (sockets.length < count) sockets.push(openAnother(calls, bound));
    return [sockets, { protocol: 'udp', ...bound }];
  } catch (error) {
    for (const socket of sockets) calls.close(socket);
    throw error;
  }
}

function bindFirst(calls: SystemCalls, socket: number, listen: ListenAddress): void {
  try {
    bindTo(calls, socket, listen);
  } catch (error) {
    throw listenError('udp', listen, error);
  }
}

/**
 * One more of the sockets on an address that `openSockets` opened several on.
 *
 * @throws SystemCallError
 */
export function openAnother(calls: SystemCalls, bound: ListenAddress): number {
  const socket = openSocket(calls, bound);
  try {
    calls.setOption(socket, SOL_SOCKET, SO_REUSEPORT, word(1));
    bindTo(calls, socket, bound);
    return socket;
  } catch (error) {
    calls.close(socket);
    throw error;
  }
}

/**
 * Whether this system knows every option and call: there are sandboxes that are Linux by name only.
 *
 * @param threads that are to share a port
 * @throws Error that says in one line what it refused
 */
export function probeSystem(calls: SystemCalls, address: string, threads: number): void {
  const memory = calls.map(Arena.lengthFor(1, 512));
  try {
    const socket = openSocket(calls, { address, port: 0 });
    try {
      if (threads > 1) calls.setOption(socket, SOL_SOCKET, SO_REUSEPORT, word(1));
      probeBatches(calls, socket, new Arena({ calls, memory, messages: 1, sendRoom: 512 }));
    } finally {
      calls.close(socket);
    }
  } finally {
    calls.unmap(memory);
  }
}

/**
 * Whether this system lets a program choose among sockets that share a port.
 *
 * @throws SystemCallError
 */
export function probeSteering(calls: SystemCalls, address: string): void {
  const socket = openSocket(calls, { address, port: 0 });
  try {
    calls.setOption(socket, SOL_SOCKET, SO_REUSEPORT, word(1));
    steer(calls, socket, []);
  } finally {
    calls.close(socket);
  }
}

/**
 * Has a datagram go to the socket of the CPU that it arrived on.
 *
 * @param socket any of those that share the port
 * @param cpus of all of them, in the kernel's order
 * @throws SystemCallError
 */
export function steer(calls: SystemCalls, socket: number, cpus: readonly (number | undefined)[]): void {
  calls.setProgram(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, steeringProgram(cpus));
}

/** Receives nothing, and sends no message: a sandbox refuses a call by its number. */
function probeBatches(calls: SystemCalls, socket: number, arena: Arena): void {
  const received = calls.receive(socket, arena.receiveHeaders, 1, MSG_DONTWAIT);
  if (received !== -EAGAIN) throw new SystemCallError('recvmmsg', -received);
  const sent = calls.send(socket, arena.sendHeaders(0), 0, MSG_DONTWAIT);
  if (sent !== 0) throw new SystemCallError('sendmmsg', -sent);
}

function openSocket(calls: SystemCalls, { address }: ListenAddress): number {
  const six = isIPv6(address);
  const socket = calls.socket(six ? AF_INET6 : AF_INET);
  try {
    // As with `dgram`, `::` means IPv6 alone.
    if (six) calls.setOption(socket, IPPROTO_IPV6, IPV6_V6ONLY, word(1));
    calls.setOption(socket, SOL_SOCKET, SO_RCVBUF, word(BUFFER));
    calls.setOption(socket, SOL_SOCKET, SO_SNDBUF, word(BUFFER));
    calls.setOption(socket, SOL_SOCKET, SO_RXQ_OVFL, word(1));
    calls.setOption(socket, SOL_SOCKET, SO_RCVTIMEO, time(RECEIVE_TIMEOUT));
    // Only a socket on all addresses has to ask which of them a query came to.
    if (address === '0.0.0.0') calls.setOption(socket, IPPROTO_IP, IP_PKTINFO, word(1));
    if (address === '::') calls.setOption(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, word(1));
    return socket;
  } catch (error) {
    calls.close(socket);
    throw error;
  }
}

function bindTo(calls: SystemCalls, socket: number, { address, port }: ListenAddress): void {
  const six = isIPv6(address);
  const family = six ? AF_INET6 : AF_INET;
  const name = new Uint8Array(NAME_LENGTH[family]);
  name[0] = family;
  name[2] = port >>> 8;
  name[3] = port & 0xff;
  name.set(addressBytes(address), six ? 8 : 4);
  calls.bind(socket, name);
}

function portOf(calls: SystemCalls, socket: number, { address }: ListenAddress): number {
  const name = new Uint8Array(NAME_LENGTH[isIPv6(address) ? AF_INET6 : AF_INET]);
  calls.boundAddress(socket, name);
  return ((name[2] ?? 0) << 8) | (name[3] ?? 0);
}

function word(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

/** struct timeval. */
function time(milliseconds: number): Uint8Array {
  const seconds = Math.floor(milliseconds / 1_000);
  const microseconds = (milliseconds % 1_000) * 1_000;
  return new Uint8Array(BigInt64Array.of(BigInt(seconds), BigInt(microseconds)).buffer);
}
