import type { Exchange } from '../../answer/fast-path.ts';
import { addressText } from '../../base/ip.ts';
import { ControlMessages, LOCAL_ROOM, writeLocal } from './control.ts';
import {
  GUARD,
  HEADER,
  layOut,
  NAME_ROOM,
  OVERFLOW_ROOM,
  type Place,
  RECEIVE_CONTROL_ROOM,
  RECEIVE_ROOM,
  VECTOR,
} from './layout.ts';
import type { Memory, SystemCalls } from './system-calls.ts';

export interface ArenaOptions {
  readonly calls: Pick<SystemCalls, 'view'>;
  /** At least `Arena.lengthFor` octets, nobody else's. */
  readonly memory: Memory;
  /** Most messages of one batch. */
  readonly messages: number;
  /** Octets for one reply. */
  readonly sendRoom: number;
}

/** What a guard holds, as words of 32 bits. */
const CANARY = 0xa5c396e1 | 0;

const AF_INET = 2;
/** Where struct sockaddr_in and struct sockaddr_in6 hold the address; and their lengths. */
const IPV4 = { address: 4, addressLength: 4, nameLength: 16 } as const;
const IPV6 = { address: 8, addressLength: 16, nameLength: 28 } as const;
type Family = typeof IPV4 | typeof IPV6;

/** Where a reply has to go and where from: only arenas can read it. */
export type Envelope = Uint8Array;

/**
 * The memory that recvmmsg and sendmmsg read and write, laid out once: headers, vectors, addresses, control messages
 * and data of one batch. This is the one file that gives addresses to the kernel. Whatever the kernel says (lengths,
 * families) is held against the layout before it is used, and so is every reply before it is sent.
 */
export class Arena {
  readonly messages: number;
  /** All of it: what exchanges point into. */
  readonly octets: Uint8Array;
  /** Address of the headers to receive into. */
  readonly receiveHeaders: bigint;
  /** Replies that wait to be sent. */
  replies = 0;
  /** Datagrams that the socket had no room for since it was opened, as last told. */
  lost = 0;
  readonly #sendRoom: number;
  readonly #view: DataView;
  readonly #words: Int32Array;
  readonly #places: readonly Place[];
  readonly #guards: readonly number[];
  readonly #sendHeaders: readonly bigint[];
  /** Addresses of the places' names, as pairs of words. */
  readonly #names: Int32Array;
  readonly #control = new ControlMessages();
  /** The datagram that was opened last. */
  #opened = 0;

  constructor({ calls, memory, messages, sendRoom }: ArenaOptions) {
    const { places, guards, length } = layOut(messages, sendRoom);
    if (memory.length < length) throw new RangeError(`an arena of ${length} octets in ${memory.length}`);
    const buffer = calls.view(memory);
    this.messages = messages;
    this.octets = new Uint8Array(buffer, 0, length);
    this.#sendRoom = sendRoom;
    this.#view = new DataView(buffer, 0, length);
    this.#words = new Int32Array(buffer, 0, length / 4);
    this.#places = places;
    this.#guards = guards;
    this.receiveHeaders = memory.address + BigInt(this.#place(0).receiveHeader);
    this.#sendHeaders = places.map(({ sendHeader }) => memory.address + BigInt(sendHeader));
    this.#names = new Int32Array(
      BigUint64Array.from(places, ({ name }) => memory.address + BigInt(name)).buffer,
    );
    for (const guard of guards) this.#words.fill(CANARY, guard / 4, (guard + GUARD) / 4);
    for (const place of places) this.#connect(memory.address, place);
    this.prepare(messages);
  }

  static lengthFor(messages: number, sendRoom: number): number {
    return layOut(messages, sendRoom).length;
  }

  /** Makes the first headers ready to receive, after the kernel wrote to them. */
  prepare(count: number): void {
    for (let index = 0; index < count; index++) {
      const { receiveHeader } = this.#place(index);
      this.#words[(receiveHeader + HEADER.nameLength) >> 2] = NAME_ROOM;
      this.#words[(receiveHeader + HEADER.controlLength) >> 2] = RECEIVE_CONTROL_ROOM;
    }
  }

  /**
   * Points an exchange to a datagram and to room for its reply; false: the datagram is too long to lie in one piece.
   */
  open(index: number, exchange: Exchange): boolean {
    const place = this.#place(index);
    this.#opened = index;
    this.#readControl(place);
    const length = this.#lengthOf(place);
    const family = this.#familyOf(place);
    exchange.start = place.received;
    exchange.end = place.received + Math.min(length, RECEIVE_ROOM);
    exchange.clientStart = place.name + family.address;
    exchange.clientLength = family.addressLength;
    exchange.outputStart = this.#place(this.replies).sent;
    return length <= RECEIVE_ROOM;
  }

  /** Takes up the reply that was written for the datagram opened last, to be sent to where that came from. */
  reply(length: number): void {
    this.#address(this.#opened, length, this.#control.local, this.#control.localLength);
  }

  /** Points an exchange to a datagram that was copied, and to room for its reply. */
  openCopy(datagram: Uint8Array, envelope: Envelope, exchange: Exchange): void {
    const { address, addressLength } = familyOf(envelope);
    exchange.message = datagram;
    exchange.start = 0;
    exchange.end = datagram.length;
    exchange.client = envelope;
    exchange.clientStart = address;
    exchange.clientLength = addressLength;
    exchange.outputStart = this.#place(this.replies).sent;
  }

  /** A copy of the datagram opened last. */
  copy(): Uint8Array {
    const { received, overflow, ...place } = this.#place(this.#opened);
    const length = this.#lengthOf(place);
    const near = Math.min(length, RECEIVE_ROOM);
    const datagram = new Uint8Array(length);
    datagram.set(this.octets.subarray(received, received + near));
    datagram.set(this.octets.subarray(overflow, overflow + length - near), near);
    return datagram;
  }

  /** Of the datagram opened last, for whoever replies later and from another arena. */
  envelope(): Envelope {
    const { name } = this.#place(this.#opened);
    const { local, localLength } = this.#control;
    const envelope = new Uint8Array(NAME_ROOM + 1 + LOCAL_ROOM);
    envelope.set(this.octets.subarray(name, name + NAME_ROOM));
    envelope[NAME_ROOM] = localLength;
    envelope.set(local, NAME_ROOM + 1);
    return envelope;
  }

  /** The client's address as text. */
  static clientOf(envelope: Envelope): string {
    const { address, addressLength } = familyOf(envelope);
    return addressText(envelope.subarray(address, address + addressLength));
  }

  /** Takes up a reply to what came in an envelope; false: it is longer than what can be sent. */
  replyTo(envelope: Envelope, reply: Uint8Array): boolean {
    if (reply.length > this.#sendRoom) return false;
    this.octets.set(reply, this.#place(this.replies).sent);
    this.replyToCopy(envelope, reply.length);
    return true;
  }

  /** Takes up the reply that was written for a copied datagram. What was received last must have been replied to. */
  replyToCopy(envelope: Envelope, length: number): void {
    this.octets.set(envelope.subarray(0, NAME_ROOM), this.#place(this.replies).name);
    this.#address(this.replies, length, envelope.subarray(NAME_ROOM + 1), envelope[NAME_ROOM] ?? 0);
  }

  /** Address of the headers from a reply on. */
  sendHeaders(reply: number): bigint {
    const headers = this.#sendHeaders[reply];
    if (headers === undefined) throw new RangeError(`reply ${reply} of ${this.#sendHeaders.length}`);
    return headers;
  }

  /** The offset of a guard that somebody wrote to. */
  brokenGuard(): number | undefined {
    const isWhole = (guard: number) =>
      this.#words.subarray(guard / 4, (guard + GUARD) / 4).every(word => word === CANARY);
    return this.#guards.find(guard => !isWhole(guard));
  }

  /** Makes the headers of a place point to the rest of it. */
  #connect(base: bigint, place: Place): void {
    const pointer = (at: number, target: number) => this.#view.setBigUint64(at, base + BigInt(target), true);
    const { receiveHeader, sendHeader, receiveVectors, sendVector } = place;
    pointer(receiveHeader + HEADER.name, place.name);
    pointer(receiveHeader + HEADER.vectors, receiveVectors);
    pointer(receiveHeader + HEADER.control, place.receiveControl);
    this.#words[(receiveHeader + HEADER.vectorCount) >> 2] = 2;
    pointer(receiveVectors, place.received);
    this.#words[(receiveVectors + VECTOR.length) >> 2] = RECEIVE_ROOM;
    pointer(receiveVectors + VECTOR.size, place.overflow);
    this.#words[(receiveVectors + VECTOR.size + VECTOR.length) >> 2] = OVERFLOW_ROOM;
    pointer(sendHeader + HEADER.vectors, sendVector);
    pointer(sendHeader + HEADER.control, place.sendControl);
    this.#words[(sendHeader + HEADER.vectorCount) >> 2] = 1;
    pointer(sendVector, place.sent);
  }

  #address(named: number, length: number, local: Uint8Array, localLength: number): void {
    if (length > this.#sendRoom) throw new RangeError(`a reply of ${length} octets in ${this.#sendRoom}`);
    const { sendHeader, sendVector, sendControl } = this.#place(this.replies);
    const words = this.#words;
    words[(sendHeader + HEADER.name) >> 2] = this.#names[2 * named] ?? 0;
    words[(sendHeader + HEADER.name + 4) >> 2] = this.#names[2 * named + 1] ?? 0;
    words[(sendHeader + HEADER.nameLength) >> 2] = this.#familyOf(this.#place(named)).nameLength;
    words[(sendHeader + HEADER.controlLength) >> 2] = writeLocal(this.#view, sendControl, local, localLength);
    words[(sendVector + VECTOR.length) >> 2] = length;
    this.replies += 1;
  }

  #place(index: number): Place {
    const place = this.#places[index];
    if (place === undefined) throw new RangeError(`message ${index} of ${this.#places.length}`);
    return place;
  }

  #lengthOf({ receiveHeader }: Pick<Place, 'receiveHeader'>): number {
    const told = (this.#words[(receiveHeader + HEADER.messageLength) >> 2] ?? 0) >>> 0;
    return Math.min(told, RECEIVE_ROOM + OVERFLOW_ROOM);
  }

  #familyOf({ name }: Pick<Place, 'name'>): Family {
    return this.#view.getUint16(name, true) === AF_INET ? IPV4 : IPV6;
  }

  #readControl({ receiveHeader, receiveControl }: Place): void {
    const told = (this.#words[(receiveHeader + HEADER.controlLength) >> 2] ?? 0) >>> 0;
    this.#control.read(this.#view, receiveControl, receiveControl + Math.min(told, RECEIVE_CONTROL_ROOM));
    this.lost = this.#control.lost ?? this.lost;
  }
}

function familyOf(envelope: Envelope): Family {
  return envelope[0] === AF_INET ? IPV4 : IPV6;
}
