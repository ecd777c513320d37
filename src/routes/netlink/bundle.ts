import { putAddress } from '../../base/ip.ts';
import { ATTRIBUTE_HEADER, aligned, HEADER, type Protocol, type Request } from './message.ts';

/** Flags that a change is sent with: to replace is to make it where it is not there. */
export const CHANGE = { request: 0x1, acknowledge: 0x4, create: 0x401, replace: 0x501 } as const;

/** A list is asked for. */
const NLM_F_REQUEST_DUMP = 0x301;
/** Octets that suffice for such a question: the kernel takes names of 255 octets, and of two at the most. */
const QUESTION = 1_024;

/** An attribute that holds others: whoever reads it strictly wants to be told so. */
const NLA_F_NESTED = 0x8000;

/** Messages that are sent at once, numbered by their places. */
export interface Bundle {
  readonly octets: Uint8Array;
  /** The number of the last one that the kernel answers whether it fails or not; then all before it are. */
  readonly last: number;
}

/**
 * Writes messages one behind the other. Into one piece of memory: arrays of their own for each message and attribute
 * of thousands of nodes take longer to be cleared away than the kernel takes to do what they say.
 */
export class BundleWriter {
  readonly #octets: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #message = 0;
  #count = 0;
  #last = -1;

  /** @param size octets of all messages together, at most */
  constructor(size: number) {
    this.#octets = new Uint8Array(size);
    this.#view = new DataView(this.#octets.buffer);
  }

  clear(): void {
    this.#octets.fill(0, 0, this.#at);
    this.#at = 0;
    this.#count = 0;
    this.#last = -1;
  }

  /** @returns where its body begins, which is zeros */
  begin(type: number, flags: number, body: number): number {
    const start = this.#at;
    this.#message = start;
    this.#view.setUint16(start + 4, type, true);
    this.#view.setUint16(start + 6, flags, true);
    this.#view.setUint32(start + 8, this.#count, true);
    if ((flags & CHANGE.acknowledge) !== 0) this.#last = this.#count;
    this.#at += HEADER + aligned(body);
    return start + HEADER;
  }

  end(): void {
    this.#view.setUint32(this.#message, this.#at - this.#message, true);
    this.#count += 1;
  }

  uint8(at: number, value: number): void {
    this.#octets[at] = value;
  }

  /** As the kernel writes numbers on this machine. */
  uint32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** @returns where its value begins, which is zeros */
  attribute(type: number, length: number): number {
    const start = this.#at;
    this.#view.setUint16(start, ATTRIBUTE_HEADER + length, true);
    this.#view.setUint16(start + 2, type, true);
    this.#at += aligned(ATTRIBUTE_HEADER + length);
    return start + ATTRIBUTE_HEADER;
  }

  number(type: number, value: number): void {
    this.uint32(this.attribute(type, 4), value);
  }

  /** In network order. */
  networkNumber(type: number, value: number): void {
    this.#view.setUint32(this.attribute(type, 4), value);
  }

  /** @param address canonical */
  address(type: number, address: string): void {
    putAddress(address, this.#octets, this.attribute(type, address.includes(':') ? 16 : 4));
  }

  bytes(type: number, octets: Uint8Array): void {
    this.#octets.set(octets, this.attribute(type, octets.length));
  }

  /** As the kernel writes names. */
  text(type: number, text: string): void {
    this.bytes(type, new TextEncoder().encode(`${text}\0`));
  }

  /** `02:1b:3c:4d:5e:6f` */
  hardwareAddress(type: number, text: string): void {
    const at = this.attribute(type, 6);
    for (let octet = 0; octet < 6; octet++)
      this.#octets[at + octet] = Number.parseInt(text.slice(3 * octet, 3 * octet + 2), 16);
  }

  /** What is written until it is closed is in it. @returns what it is closed with */
  open(type: number): number {
    const start = this.#at;
    this.#view.setUint16(start + 2, type | NLA_F_NESTED, true);
    this.#at += ATTRIBUTE_HEADER;
    return start;
  }

  close(start: number): void {
    this.#view.setUint16(start, this.#at - start, true);
  }

  /** All that was written, until something else is. */
  get octets(): Uint8Array {
    return this.#octets.subarray(0, this.#at);
  }

  /** Until something else is written. At least the last message is answered. */
  bundle(): Bundle {
    const flags = this.#message + 6;
    if (this.#last < 0) {
      this.#view.setUint16(flags, this.#view.getUint16(flags, true) | CHANGE.acknowledge, true);
      this.#last = this.#count - 1;
    }
    return { octets: this.octets, last: this.#last };
  }
}

/**
 * @param body its octets
 * @param write the body, which begins there and is zeros, and the attributes
 */
export function listRequest(
  protocol: Protocol,
  type: number,
  body: number,
  write: (writer: BundleWriter, body: number) => void,
): Request {
  const writer = new BundleWriter(QUESTION);
  write(writer, writer.begin(type, NLM_F_REQUEST_DUMP, body));
  writer.end();
  return { protocol, message: writer.octets };
}
