/**
 * SipHash-2-4 (Aumasson and Bernstein), the keyed hash of interoperable DNS cookies (RFC 9018 section 4.4).
 *
 * The 64-bit state is four pairs of 32-bit halves in local variables, which is why the round stands in the middle of
 * it: this is run for each query that carries a cookie. BigInt would allocate at every step; the state in an array,
 * with a function for each step, took four times as long.
 */
export function sipHash24(key: Uint8Array, message: Uint8Array, output: Uint8Array, offset: number): void {
  const k0 = u32(key, 0);
  const k0High = u32(key, 4);
  const k1 = u32(key, 8);
  const k1High = u32(key, 12);
  let v0 = k0 ^ 0x70736575;
  let v0High = k0High ^ 0x736f6d65;
  let v1 = k1 ^ 0x6e646f6d;
  let v1High = k1High ^ 0x646f7261;
  let v2 = k0 ^ 0x6e657261;
  let v2High = k0High ^ 0x6c796765;
  let v3 = k1 ^ 0x79746573;
  let v3High = k1High ^ 0x74656462;
  const whole = message.length - (message.length % 8);
  for (let at = 0; at <= whole + 8; at += 8) {
    const isEnd = at > whole;
    // The last word holds the octets left over, and the message's length in its highest octet.
    const word = isEnd ? 0 : u32(message, at);
    const wordHigh = isEnd
      ? 0
      : at < whole
        ? u32(message, at + 4)
        : u32(message, at + 4) | (message.length << 24);
    v3 ^= word;
    v3High ^= wordHigh;
    if (isEnd) v2 ^= 0xff;
    for (let round = isEnd ? 4 : 2; round > 0; round--) {
      let sum = (v0 + v1) | 0;
      v0High = (v0High + v1High + (sum >>> 0 < v0 >>> 0 ? 1 : 0)) | 0;
      v0 = sum;
      let turned = (v1 << 13) | (v1High >>> 19);
      v1High = ((v1High << 13) | (v1 >>> 19)) ^ v0High;
      v1 = turned ^ v0;
      // A rotation by 32.
      turned = v0;
      v0 = v0High;
      v0High = turned;
      sum = (v2 + v3) | 0;
      v2High = (v2High + v3High + (sum >>> 0 < v2 >>> 0 ? 1 : 0)) | 0;
      v2 = sum;
      turned = (v3 << 16) | (v3High >>> 16);
      v3High = ((v3High << 16) | (v3 >>> 16)) ^ v2High;
      v3 = turned ^ v2;
      sum = (v0 + v3) | 0;
      v0High = (v0High + v3High + (sum >>> 0 < v0 >>> 0 ? 1 : 0)) | 0;
      v0 = sum;
      turned = (v3 << 21) | (v3High >>> 11);
      v3High = ((v3High << 21) | (v3 >>> 11)) ^ v0High;
      v3 = turned ^ v0;
      sum = (v2 + v1) | 0;
      v2High = (v2High + v1High + (sum >>> 0 < v2 >>> 0 ? 1 : 0)) | 0;
      v2 = sum;
      turned = (v1 << 17) | (v1High >>> 15);
      v1High = ((v1High << 17) | (v1 >>> 15)) ^ v2High;
      v1 = turned ^ v2;
      turned = v2;
      v2 = v2High;
      v2High = turned;
    }
    v0 ^= word;
    v0High ^= wordHigh;
  }
  writeLittleEndian(output, offset, v0 ^ v1 ^ v2 ^ v3);
  writeLittleEndian(output, offset + 4, v0High ^ v1High ^ v2High ^ v3High);
}

/** Octets past the end count as 0. */
function u32(octets: Uint8Array, offset: number): number {
  return (
    (octets[offset] ?? 0) |
    ((octets[offset + 1] ?? 0) << 8) |
    ((octets[offset + 2] ?? 0) << 16) |
    ((octets[offset + 3] ?? 0) << 24)
  );
}

function writeLittleEndian(output: Uint8Array, offset: number, word: number): void {
  for (let index = 0; index < 4; index++) output[offset + index] = word >>> (8 * index);
}
