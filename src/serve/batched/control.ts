/** struct cmsghdr of 64-bit Linux: a length that counts itself, a level and a type. */
const HEADER_LENGTH = 16;
const SOL_SOCKET = 1;
const SO_RXQ_OVFL = 40;
const IPV4 = { level: 0, type: 8, length: 12 } as const;
const IPV6 = { level: 41, type: 50, length: 20 } as const;

/** Octets of a local address: IPv4's four, or an IPv6 address and the index of its interface. */
const LOCAL_IPV4 = 4;
const LOCAL_IPV6 = 20;
export const LOCAL_ROOM = LOCAL_IPV6;

/** What control messages told of one datagram. One object is filled again for each. */
export class ControlMessages {
  /** Datagrams of the socket that found no room since it was opened, or undefined where nothing was told. */
  lost: number | undefined = undefined;
  /** Where the datagram was sent to; of no length where nothing was told. */
  readonly local: Uint8Array = new Uint8Array(LOCAL_ROOM);
  localLength = 0;

  /** Reads what lies between two offsets, and nothing past it. */
  read(view: DataView, start: number, end: number): void {
    this.lost = undefined;
    this.localLength = 0;
    let at = start;
    while (at + HEADER_LENGTH <= end) {
      const length = view.getUint32(at, true);
      if (length < HEADER_LENGTH || at + length > end) return;
      this.#readOne(view, at, length - HEADER_LENGTH);
      at += Math.ceil(length / 8) * 8;
    }
  }

  #readOne(view: DataView, start: number, length: number): void {
    const level = view.getInt32(start + 8, true);
    const type = view.getInt32(start + 12, true);
    const data = start + HEADER_LENGTH;
    if (level === SOL_SOCKET && type === SO_RXQ_OVFL && length >= 4) this.lost = view.getUint32(data, true);
    // struct in_pktinfo: the interface, the address to answer from, the address asked (another one for a broadcast).
    if (level === IPV4.level && type === IPV4.type && length >= IPV4.length) {
      this.#copy(view, data + 4, LOCAL_IPV4);
    }
    if (level === IPV6.level && type === IPV6.type && length >= IPV6.length)
      this.#copy(view, data, LOCAL_IPV6);
  }

  #copy(view: DataView, from: number, length: number): void {
    for (let at = 0; at < length; at++) this.local[at] = view.getUint8(from + at);
    this.localLength = length;
  }
}

/**
 * Writes the control message that has a reply leave from an address, as `ControlMessages` told it.
 *
 * @returns its length, or 0 where no address was told
 */
export function writeLocal(view: DataView, start: number, local: Uint8Array, localLength: number): number {
  if (localLength === 0) return 0;
  const { level, type, length } = localLength === LOCAL_IPV4 ? IPV4 : IPV6;
  const data = start + HEADER_LENGTH;
  view.setUint32(start, HEADER_LENGTH + length, true);
  view.setUint32(start + 4, 0, true);
  view.setInt32(start + 8, level, true);
  view.setInt32(start + 12, type, true);
  if (localLength === LOCAL_IPV4) {
    // Interface 0: the routing table decides, as it does for a socket that is bound to the address.
    view.setUint32(data, 0, true);
    for (let at = 0; at < LOCAL_IPV4; at++) view.setUint8(data + 4 + at, local[at] ?? 0);
    view.setUint32(data + 8, 0, true);
  } else {
    for (let at = 0; at < LOCAL_IPV6; at++) view.setUint8(data + at, local[at] ?? 0);
    // A link-local address means nothing without its interface; for others it is as with IPv4.
    const isLinkLocal = local[0] === 0xfe && ((local[1] ?? 0) & 0xc0) === 0x80;
    if (!isLinkLocal) view.setUint32(data + 16, 0, true);
  }
  return HEADER_LENGTH + Math.ceil(length / 8) * 8;
}
