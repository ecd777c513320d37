import { BundleWriter } from '../../../src/routes/netlink/bundle.ts';

/** What the kernel tells, in octets: written as what it is told. */

export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** No attribute is longer than 64 KiB. One piece of memory: thousands of routes are as many messages. */
const WRITER = new BundleWriter(128 * 1_024);

export function message(
  type: number,
  flags: number,
  body: Uint8Array,
  attributes: readonly Attribute[] = [],
): Uint8Array {
  return written(writer => {
    const start = writer.begin(type, flags, body.length);
    for (const [at, octet] of body.entries()) writer.uint8(start + at, octet);
    for (const { type, value } of attributes) writer.bytes(type, value);
    writer.end();
  });
}

/** The octets of one attribute. */
export function attribute({ type, value }: Attribute): Uint8Array {
  return written(writer => writer.bytes(type, value));
}

export function uint32(number: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(number).buffer);
}

/** As the kernel writes names. */
export function zeroEnded(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

function written(write: (writer: BundleWriter) => void): Uint8Array {
  WRITER.clear();
  write(WRITER);
  return WRITER.octets.slice();
}
