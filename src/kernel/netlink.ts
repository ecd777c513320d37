import { getSystemErrorMessage } from 'node:util';
import { CausewayError, messageOf } from '../base/errors.ts';
import { bindCLibrary, type Koffi, SystemCallError } from '../ops/c-library.ts';
import { blank } from '../routes/netlink/blank.ts';
import type { Bundle } from '../routes/netlink/bundle.ts';
import { type Protocol, progressOf, type Request, repliesIn } from '../routes/netlink/message.ts';

/** Asks the kernel itself, and tells it, without a program in between. */
export interface Netlink {
  /**
   * What it answers to the request for a list: messages, one after the other, without what is another each time.
   *
   * @param known what it answered before; the same object where it answers the same
   * @throws SystemCallError
   */
  dump(request: Request, known?: Uint8Array): Promise<Uint8Array>;
  /** The number of a device. @throws SystemCallError ENODEV */
  indexOf(device: string): number;
  /**
   * Has the kernel make changes, in their order. What it refuses does not hold up what comes after it, unless both are
   * of one transaction.
   *
   * @returns why it refused some, by their places
   * @throws SystemCallError
   */
  change(protocol: Protocol, bundle: Bundle): Promise<ReadonlyMap<number, string>>;
}

/**
 * The system calls that are needed for it. Those that resolve are done in a thread of their own: the kernel makes the
 * first part of a list while it is asked for it, the next ones while they are read, and has to wait in both for whoever
 * changes the network just now.
 */
export interface NetlinkCalls {
  /** @throws SystemCallError */
  indexOf(device: string): number;
  open(protocol: Protocol): number;
  /** Has the kernel mind what is asked for, and nobody wait for ever. */
  configure(socket: number): void;
  /**
   * Room for what is sent at once and for the answers. Beyond what the system grants to everybody only whoever has
   * CAP_NET_ADMIN in the first user namespace gets it: nobody in a cluster that runs without root.
   *
   * @throws SystemCallError
   */
  makeRoom(socket: number, limit: 'beyond' | 'granted'): void;
  send(socket: number, message: Uint8Array): Promise<void>;
  /** Fills in whole messages. Resolves with how many octets they have; below zero where nothing can be received. */
  receive(socket: number, into: Uint8Array): Promise<number>;
  close(socket: number): void;
}

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 0x80003;
const PROTOCOLS: Readonly<Record<Protocol, number>> = { route: 0, netfilter: 12 };
const SOL_NETLINK = 270;
/** The kernel minds what is asked for, instead of listing everything (Linux 4.20). */
const NETLINK_GET_STRICT_CHK = 12;
/** It does not repeat what it answers, and says why it refuses (Linux 4.12). */
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const ROOMS = { beyond: [SO_SNDBUFFORCE, SO_RCVBUFFORCE], granted: [SO_SNDBUF, SO_RCVBUF] } as const;
/**
 * Octets. The 208 KiB that sockets have without it hold what is told at once, 126 KiB at most, and the answers where
 * the kernel refuses all of it; but an administrator may have set less.
 */
const ROOM = 512 * 1024;
/** Seconds. Lists are made while they are read, so there is always more until the end. */
const PATIENCE = 5n;

/** The kernel answers in pieces of 32 KiB at most. */
const BUFFER = 64 * 1024;
/** What the kernel answers to a change comes one by one, and is short. */
const REPLIES = 1_024;
/** How often a list is asked for that others change while it is made, or of which messages were lost. */
const ATTEMPTS = 5;

/** @throws CausewayError KERNEL_UNREADABLE where this system has not got it */
export async function loadNetlinkCalls(): Promise<NetlinkCalls> {
  try {
    return await bindCLibrary(bindCalls);
  } catch (error) {
    throw new CausewayError('KERNEL_UNREADABLE', `reading the kernel by netlink: ${messageOf(error)}`);
  }
}

function bindCalls(koffi: Koffi): NetlinkCalls {
  const library = koffi.load(null);
  const socket = library.func('int socket(int, int, int)');
  const setsockopt = library.func('int setsockopt(int, int, int, void *, uint32_t)');
  const send = library.func('int64_t send(int, void *, size_t, int)');
  const recv = library.func('int64_t recv(int, _Out_ void *, size_t, int)');
  const close = library.func('int close(int)');
  const indexOf = library.func('uint32_t if_nametoindex(str)');
  const check = (call: string, result: number): number => {
    if (result < 0) throw new SystemCallError(call, koffi.errno());
    return result;
  };
  const setOption = (descriptor: number, level: number, option: number, value: Uint8Array): void => {
    check('setsockopt', setsockopt(descriptor, level, option, value, value.length));
  };
  /** Below zero it is the number of the error, which is another call's as soon as anything else has run. */
  const inThread = (call: typeof recv, descriptor: number, octets: Uint8Array): Promise<number> =>
    new Promise((resolve, reject) => {
      call.async(descriptor, octets, octets.length, 0, (error: unknown, result: number | bigint) => {
        if (error) reject(error);
        else resolve(result < 0 ? -koffi.errno() : Number(result));
      });
    });
  return {
    indexOf: device => indexOf(device) || check('if_nametoindex', -1),
    open: protocol => check('socket', socket(AF_NETLINK, SOCK_RAW_CLOEXEC, PROTOCOLS[protocol])),
    configure: descriptor => {
      const patience = new Uint8Array(BigInt64Array.of(PATIENCE, 0n).buffer);
      setOption(descriptor, SOL_SOCKET, SO_RCVTIMEO, patience);
      const on = new Uint8Array(Uint32Array.of(1).buffer);
      for (const option of [NETLINK_GET_STRICT_CHK, NETLINK_CAP_ACK, NETLINK_EXT_ACK])
        setOption(descriptor, SOL_NETLINK, option, on);
    },
    makeRoom: (descriptor, limit) => {
      for (const option of ROOMS[limit])
        setOption(descriptor, SOL_SOCKET, option, new Uint8Array(Uint32Array.of(ROOM).buffer));
    },
    send: async (descriptor, message) => {
      const sent = await inThread(send, descriptor, message);
      if (sent < 0) throw new SystemCallError('send', -sent);
    },
    receive: (descriptor, into) => inThread(recv, descriptor, into),
    close: descriptor => {
      close(descriptor);
    },
  };
}

/** Lists are read one at a time, into one buffer: those of thousands of nodes would be most of the garbage there is. */
export function netlinkBy(calls: NetlinkCalls): Netlink {
  const buffer = new Uint8Array(BUFFER);
  let before: Promise<unknown> = Promise.resolve();
  const whole = async (request: Request, known: Uint8Array): Promise<Uint8Array> => {
    for (let left = ATTEMPTS; left > 0; left--) {
      const list = await dumpOnce(calls, request, known, buffer);
      if (list !== undefined) return list;
    }
    throw new Error(
      `${ATTEMPTS} times others changed the list while it was read, or it did not come to an end`,
    );
  };
  return {
    dump: (request, known = NOTHING) => {
      const list = before.then(() => whole(request, known));
      before = list.catch(() => {});
      return list;
    },
    indexOf: device => calls.indexOf(device),
    change: (protocol, bundle) => changeOnce(calls, protocol, bundle),
  };
}

async function changeOnce(
  calls: NetlinkCalls,
  protocol: Protocol,
  { octets, last }: Bundle,
): Promise<ReadonlyMap<number, string>> {
  const buffer = new Uint8Array(REPLIES);
  const refused = new Map<number, string>();
  const socket = calls.open(protocol);
  try {
    calls.configure(socket);
    makeRoom(calls, socket);
    await calls.send(socket, octets);
    for (;;) {
      const length = await calls.receive(socket, buffer);
      if (length <= 0) throw new SystemCallError('recv', -length);
      for (const { number, errno, text } of repliesIn(buffer.subarray(0, length))) {
        if (errno !== 0) refused.set(number, reasonOf(errno, text));
        // A transaction that is refused at its beginning is not read any further.
        if (number === last || (protocol === 'netfilter' && refused.has(0))) return refused;
      }
    }
  } finally {
    calls.close(socket);
  }
}

/** As much as there can be: whether that does is seen when it is used. */
function makeRoom(calls: NetlinkCalls, socket: number): void {
  for (const limit of ['beyond', 'granted'] as const) {
    try {
      calls.makeRoom(socket, limit);
      return;
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
    }
  }
}

function reasonOf(errno: number, text: string): string {
  const { code } = new SystemCallError('netlink', errno);
  return `${text || getSystemErrorMessage(-errno)} (${code})`;
}

const NOTHING = new Uint8Array(0);

/** Undefined where it has to be asked for again. */
async function dumpOnce(
  calls: NetlinkCalls,
  { protocol, message }: Request,
  known: Uint8Array,
  buffer: Uint8Array,
): Promise<Uint8Array | undefined> {
  const socket = calls.open(protocol);
  try {
    calls.configure(socket);
    await calls.send(socket, message);
    const list = new Collector(known);
    let isWhole = true;
    for (;;) {
      const length = await calls.receive(socket, buffer);
      if (length <= 0) return undefined;
      const part = buffer.subarray(0, length);
      const { done, interrupted, errno } = progressOf(part);
      if (errno !== 0) throw new SystemCallError('netlink', errno);
      if (interrupted) isWhole = false;
      blank(protocol, part);
      list.take(part);
      if (done) return isWhole ? list.octets : undefined;
    }
  } finally {
    calls.close(socket);
  }
}

/** Puts a list together that is mostly known already. */
class Collector {
  readonly #known: Uint8Array;
  /** What is known as far as it is the list, then a copy. */
  #list: Uint8Array;
  #length = 0;

  constructor(known: Uint8Array) {
    this.#known = known;
    this.#list = known;
  }

  take(part: Uint8Array): void {
    const end = this.#length + part.length;
    if (!this.#isKnown || Buffer.compare(part, this.#known.subarray(this.#length, end)) !== 0) {
      if (this.#isKnown || end > this.#list.length) this.#copy(end);
      this.#list.set(part, this.#length);
    }
    this.#length = end;
  }

  get #isKnown(): boolean {
    return this.#list === this.#known;
  }

  /** With room for a list that is half as long again, which one is at its first time. */
  #copy(least: number): void {
    const copy = new Uint8Array(Math.max(least * 1.5, this.#known.length));
    copy.set(this.#list.subarray(0, this.#length));
    this.#list = copy;
  }

  get octets(): Uint8Array {
    return this.#list.length === this.#length ? this.#list : this.#list.slice(0, this.#length);
  }
}
