import { bindCLibrary, type Koffi, SystemCallError } from '../../ops/c-library.ts';

/** Memory outside of JavaScript, which a page that nobody may touch stands before and another behind. */
export interface Memory {
  readonly address: bigint;
  /** Octets: as many as were asked for, rounded up. */
  readonly length: number;
}

/** The system calls of the batched transport. Those that may fail in use return minus errno, the others throw. */
export interface SystemCalls extends MemoryCalls, SocketCalls, OptionCalls, MessageCalls, SchedulerCalls {}

interface MemoryCalls {
  map(length: number): Memory;
  unmap(memory: Memory): void;
  /** The octets of what was mapped: they must not be touched once it is unmapped. */
  view(memory: Memory): ArrayBuffer;
}

interface SocketCalls {
  socket(family: number): number;
  close(socket: number): void;
  bind(socket: number, address: Uint8Array): void;
  /** Fills in the address that a socket is bound to. */
  boundAddress(socket: number, address: Uint8Array): void;
}

interface OptionCalls {
  setOption(socket: number, level: number, option: number, value: Uint8Array): void;
  /** Sets an option that takes a program of classic BPF. */
  setProgram(socket: number, level: number, option: number, instructions: Uint8Array): void;
}

interface MessageCalls {
  /** The number of messages received, or minus errno. */
  receive(socket: number, headers: bigint, count: number, flags: number): number;
  /** The number of messages sent, or minus errno where the first could not be. */
  send(socket: number, headers: bigint, count: number, flags: number): number;
}

interface SchedulerCalls {
  /** Fills in the CPUs that the calling thread may run on, one bit for each. */
  affinity(cpus: Uint8Array): void;
  setAffinity(cpus: Uint8Array): void;
  /** Fills in how the calling thread is scheduled: struct sched_attr. */
  scheduling(attributes: Uint8Array): void;
  setScheduling(attributes: Uint8Array): void;
}

export const MSG_DONTWAIT = 0x40;
/** Wait for the first datagram and take what else is there. */
export const MSG_WAITFORONE = 0x10000;
/** No datagram in time, and a signal: neither is a fault. */
export const EAGAIN = 11;
export const EINTR = 4;

/** What the largest pages are that Linux runs with on these. */
const PAGE = 64 * 1024;
const PROT_NONE = 0;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;
const SOCK_DGRAM_CLOEXEC = 0x80002;
/** Octets of an instruction (struct sock_filter), and of what says how many there are and where (struct sock_fprog). */
const INSTRUCTION = 8;
const PROGRAM = 16;
/** Calls that the C library may have no function for, by their numbers. */
const SCHEDULING =
  process.arch === 'arm64'
    ? { setAttributes: 274, attributes: 275 }
    : { setAttributes: 314, attributes: 315 };
/** Of the affinity and of scheduling: the calling thread's. */
const THIS_THREAD = 0;

/** @throws Error that says in one line why this system has not got them */
export function loadSystemCalls(): Promise<SystemCalls> {
  return bindCLibrary(bindCalls);
}

interface CLibrary {
  readonly koffi: Koffi;
  readonly library: ReturnType<Koffi['load']>;
  /** @throws SystemCallError where a result says so */
  readonly check: (call: string, result: number) => number;
}

function bindCalls(koffi: Koffi): SystemCalls {
  const check = (call: string, result: number): number => {
    if (result < 0) throw new SystemCallError(call, koffi.errno());
    return result;
  };
  const bound: CLibrary = { koffi, library: koffi.load(null), check };
  return {
    ...memoryCalls(bound),
    ...socketCalls(bound),
    ...optionCalls(bound),
    ...messageCalls(bound),
    ...schedulerCalls(bound),
  };
}

function memoryCalls({ koffi, library, check }: CLibrary): MemoryCalls {
  const mmap = library.func('void *mmap(void *, size_t, int, int, int, int64_t)');
  const munmap = library.func('int munmap(void *, size_t)');
  const mprotect = library.func('int mprotect(void *, size_t, int)');
  return {
    map: length => {
      const rounded = Math.ceil(length / PAGE) * PAGE;
      const start: bigint = mmap(null, rounded + 2 * PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
      if (start === MAP_FAILED) throw new SystemCallError('mmap', koffi.errno());
      const address = start + BigInt(PAGE);
      check('mprotect', mprotect(start, PAGE, PROT_NONE));
      check('mprotect', mprotect(address + BigInt(rounded), PAGE, PROT_NONE));
      return { address, length: rounded };
    },
    unmap: ({ address, length }) => {
      check('munmap', munmap(address - BigInt(PAGE), length + 2 * PAGE));
    },
    view: ({ address, length }) => koffi.view(address, length),
  };
}

function socketCalls({ library, check }: CLibrary): SocketCalls {
  const socket = library.func('int socket(int, int, int)');
  const close = library.func('int close(int)');
  const bind = library.func('int bind(int, void *, uint32_t)');
  const getsockname = library.func('int getsockname(int, void *, void *)');
  return {
    socket: family => check('socket', socket(family, SOCK_DGRAM_CLOEXEC, 0)),
    close: descriptor => {
      close(descriptor);
    },
    bind: (descriptor, address) => {
      check('bind', bind(descriptor, address, address.length));
    },
    boundAddress: (descriptor, address) => {
      check('getsockname', getsockname(descriptor, address, Uint32Array.of(address.length)));
    },
  };
}

function optionCalls({ koffi, library, check }: CLibrary): OptionCalls {
  const setsockopt = library.func('int setsockopt(int, int, int, void *, uint32_t)');
  const program = koffi.pointer(koffi.struct({ length: 'uint16', instructions: 'void *' }));
  const setProgram = library.func('setsockopt', 'int', ['int', 'int', 'int', program, 'uint32_t']);
  return {
    setOption: (descriptor, level, option, value) => {
      check('setsockopt', setsockopt(descriptor, level, option, value, value.length));
    },
    setProgram: (descriptor, level, option, instructions) => {
      const whole = { length: instructions.length / INSTRUCTION, instructions };
      check('setsockopt', setProgram(descriptor, level, option, whole, PROGRAM));
    },
  };
}

function messageCalls({ koffi, library }: CLibrary): MessageCalls {
  const recvmmsg = library.func('int recvmmsg(int, void *, uint32_t, int, void *)');
  const sendmmsg = library.func('int sendmmsg(int, void *, uint32_t, int)');
  return {
    receive: (descriptor, headers, count, flags) => {
      const received: number = recvmmsg(descriptor, headers, count, flags, null);
      return received < 0 ? -koffi.errno() : received;
    },
    send: (descriptor, headers, count, flags) => {
      const sent: number = sendmmsg(descriptor, headers, count, flags);
      return sent < 0 ? -koffi.errno() : sent;
    },
  };
}

function schedulerCalls({ library, check }: CLibrary): SchedulerCalls {
  const getAffinity = library.func('int sched_getaffinity(int, size_t, void *)');
  const setAffinity = library.func('int sched_setaffinity(int, size_t, void *)');
  const getattr = library.func('long syscall(long, int, void *, uint32_t, uint32_t)');
  const setattr = library.func('long syscall(long, int, void *, uint32_t)');
  return {
    affinity: cpus => {
      check('sched_getaffinity', getAffinity(THIS_THREAD, cpus.length, cpus));
    },
    setAffinity: cpus => {
      check('sched_setaffinity', setAffinity(THIS_THREAD, cpus.length, cpus));
    },
    scheduling: attributes => {
      check('sched_getattr', getattr(SCHEDULING.attributes, THIS_THREAD, attributes, attributes.length, 0));
    },
    setScheduling: attributes => {
      new DataView(attributes.buffer, attributes.byteOffset).setUint32(0, attributes.length, true);
      check('sched_setattr', setattr(SCHEDULING.setAttributes, THIS_THREAD, attributes, 0));
    },
  };
}
