/** struct mmsghdr of 64-bit Linux: struct msghdr, and how many octets were received. */
export const HEADER = {
  ...{ size: 64, name: 0, nameLength: 8, vectors: 16, vectorCount: 24 },
  ...{ control: 32, controlLength: 40, messageLength: 56 },
} as const;

/** struct iovec: a pointer and a length. */
export const VECTOR = { size: 16, length: 8 } as const;

/** struct sockaddr_in6 has 28 octets, struct sockaddr_in 16. */
export const NAME_ROOM = 32;

/** Room for two control messages: how many datagrams were lost, and to which address this one came. */
export const RECEIVE_CONTROL_ROOM = 128;
export const SEND_CONTROL_ROOM = 64;

/** Octets of a datagram that lie close to the others'; queries are shorter. */
export const RECEIVE_ROOM = 2048;
/** What is longer goes on here, in memory that does not even exist until then. */
export const OVERFLOW_ROOM = 65536 - RECEIVE_ROOM;

/** Octets between the parts that belong to nobody, and what they hold. */
export const GUARD = 64;

/** Offsets of what belongs to one message of a batch. */
export interface Place {
  readonly receiveHeader: number;
  readonly sendHeader: number;
  /** Two of them: the datagram and its overflow. */
  readonly receiveVectors: number;
  readonly sendVector: number;
  readonly name: number;
  readonly receiveControl: number;
  readonly sendControl: number;
  readonly received: number;
  readonly sent: number;
  readonly overflow: number;
}

export interface Layout {
  readonly places: readonly Place[];
  /** Offsets of the guards, ascending. */
  readonly guards: readonly number[];
  /** Octets in all. */
  readonly length: number;
}

/**
 * Where everything lies. Parts of a kind stand side by side, as the kernel wants its headers and as the processor's
 * cache likes the rest; a guard stands before and behind each table, and between datagrams.
 *
 * @param messages of one batch
 * @param sendRoom octets for one reply
 */
export function layOut(messages: number, sendRoom: number): Layout {
  const guards: number[] = [];
  let length = 0;
  const guard = () => {
    guards.push(length);
    length += GUARD;
  };
  const take = (size: number) => {
    length += Math.ceil(size / 8) * 8;
    return length - Math.ceil(size / 8) * 8;
  };
  const each = <Part>(part: () => Part): Part[] => Array.from({ length: messages }, part);
  const table = (size: number): number[] => {
    guard();
    return each(() => take(size));
  };
  const buffers = (size: number): number[] =>
    each(() => {
      guard();
      return take(size);
    });
  const parts = {
    receiveHeader: table(HEADER.size),
    sendHeader: table(HEADER.size),
    receiveVectors: table(2 * VECTOR.size),
    sendVector: table(VECTOR.size),
    name: table(NAME_ROOM),
    receiveControl: table(RECEIVE_CONTROL_ROOM),
    sendControl: table(SEND_CONTROL_ROOM),
    received: buffers(RECEIVE_ROOM),
    sent: buffers(sendRoom),
    overflow: buffers(OVERFLOW_ROOM),
  };
  guard();
  const places = Array.from({ length: messages }, (_, index) => placeAt(parts, index));
  return { places, guards, length };
}

function placeAt(parts: Readonly<Record<keyof Place, readonly number[]>>, index: number): Place {
  const at = (name: keyof Place): number => parts[name][index] ?? 0;
  return {
    receiveHeader: at('receiveHeader'),
    sendHeader: at('sendHeader'),
    receiveVectors: at('receiveVectors'),
    sendVector: at('sendVector'),
    name: at('name'),
    receiveControl: at('receiveControl'),
    sendControl: at('sendControl'),
    received: at('received'),
    sent: at('sent'),
    overflow: at('overflow'),
  };
}
