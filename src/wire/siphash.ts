/**
 * SipHash-2-4 (Aumasson and Bernstein), the keyed hash of interoperable DNS cookies (RFC 9018 section 4.4).
 *
 * The 64-bit state is kept as pairs of 32-bit halves in one Int32Array: BigInt would allocate at every step, and this
 * is run for each query that carries a cookie.
 */
export function sipHash24(key: Uint8Array, message: Uint8Array, output: Uint8Array, offset: number): void {
  const k0 = [u32(key, 4), u32(key, 0)] as const;
  const k1 = [u32(key, 12), u32(key, 8)] as const;
  state[0] = k0[0] ^ 0x736f6d65;
  state[1] = k0[1] ^ 0x70736575;
  state[2] = k1[0] ^ 0x646f7261;
  state[3] = k1[1] ^ 0x6e646f6d;
  state[4] = k0[0] ^ 0x6c796765;
  state[5] = k0[1] ^ 0x6e657261;
  state[6] = k1[0] ^ 0x74656462;
  state[7] = k1[1] ^ 0x79746573;
  const whole = message.length - (message.length % 8);
  for (let index = 0; index < whole; index += 8) compress(u32(message, index + 4), u32(message, index));
  compress(lastHigh(message, whole), lastLow(message, whole));
  state[5] = (state[5] ?? 0) ^ 0xff;
  for (let round = 0; round < 4; round++) sipRound();
  writeLittleEndian(output, offset, xorOfHalves(1));
  writeLittleEndian(output, offset + 4, xorOfHalves(0));
}

/** v0, v1, v2, v3, each as its high and its low half. */
const state = new Int32Array(8);

function compress(high: number, low: number): void {
  state[6] = (state[6] ?? 0) ^ high;
  state[7] = (state[7] ?? 0) ^ low;
  sipRound();
  sipRound();
  state[0] = (state[0] ?? 0) ^ high;
  state[1] = (state[1] ?? 0) ^ low;
}

function sipRound(): void {
  add(0, 2);
  rotateAndXor(2, 13, 0);
  swapHalves(0);
  add(4, 6);
  rotateAndXor(6, 16, 4);
  add(0, 6);
  rotateAndXor(6, 21, 0);
  add(4, 2);
  rotateAndXor(2, 17, 4);
  swapHalves(4);
}

/** state[to] += state[from], 64 bits wide. */
function add(to: number, from: number): void {
  const low = ((state[to + 1] ?? 0) >>> 0) + ((state[from + 1] ?? 0) >>> 0);
  state[to] = (state[to] ?? 0) + (state[from] ?? 0) + (low > 0xffffffff ? 1 : 0);
  state[to + 1] = low;
}

/** state[to] = rotate-left(state[to], bits) ^ state[other], for bits below 32. */
function rotateAndXor(to: number, bits: number, other: number): void {
  const high = state[to] ?? 0;
  const low = state[to + 1] ?? 0;
  state[to] = ((high << bits) | (low >>> (32 - bits))) ^ (state[other] ?? 0);
  state[to + 1] = ((low << bits) | (high >>> (32 - bits))) ^ (state[other + 1] ?? 0);
}

/** A rotation by 32. */
function swapHalves(at: number): void {
  const high = state[at] ?? 0;
  state[at] = state[at + 1] ?? 0;
  state[at + 1] = high;
}

function xorOfHalves(half: number): number {
  return (state[half] ?? 0) ^ (state[half + 2] ?? 0) ^ (state[half + 4] ?? 0) ^ (state[half + 6] ?? 0);
}

/** The last word: the octets left over, and the message's length in its highest octet. */
function lastLow(message: Uint8Array, from: number): number {
  return leftover(message, from, 4);
}

function lastHigh(message: Uint8Array, from: number): number {
  return leftover(message, from + 4, 3) | (message.length << 24);
}

function leftover(message: Uint8Array, from: number, count: number): number {
  let word = 0;
  for (let index = 0; index < count; index++) word |= (message[from + index] ?? 0) << (8 * index);
  return word;
}

function u32(octets: Uint8Array, offset: number): number {
  return leftover(octets, offset, 4);
}

function writeLittleEndian(output: Uint8Array, offset: number, word: number): void {
  for (let index = 0; index < 4; index++) output[offset + index] = word >>> (8 * index);
}
