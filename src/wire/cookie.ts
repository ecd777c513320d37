import { sipHash24 } from './siphash.ts';

/** Client cookie and interoperable server cookie together (RFC 9018 section 4). */
export const FULL_COOKIE_LENGTH = 24;
export const CLIENT_COOKIE_LENGTH = 8;
export const COOKIE_SECRET_LENGTH = 16;

const VERSION = 1;
const TIME_OFFSET = 12;
const HASH_OFFSET = 16;
/**
 * RFC 9018 section 4.3: five minutes of clock skew between replicas, an hour of life, renewed once half of it is over.
 */
const SKEW_SECONDS = 300;
const LIFE_SECONDS = 3600;
const RENEW_SECONDS = 1800;

/**
 * Writes the cookie that answers a client's: its own server cookie again while that is young and genuine, else a new
 * one. All replicas that share the secret accept each other's cookies.
 *
 * @param cookie the COOKIE option's data as it came, 8 or 16–40 octets
 * @param clientAddress 4 or 16 octets
 * @param secret 16 octets
 * @param unixSeconds now
 */
export function writeCookie(
  output: Uint8Array,
  offset: number,
  cookie: Uint8Array,
  clientAddress: Uint8Array,
  secret: Uint8Array,
  unixSeconds: number,
): void {
  const isGenuine = isValidCookie(cookie, clientAddress, secret, unixSeconds);
  // Reserved octets are hashed as they came, but must be zero in a cookie that is handed out (section 4.2).
  const isOfOurs = isGenuine && ((cookie[9] ?? 0) | (cookie[10] ?? 0) | (cookie[11] ?? 0)) === 0;
  if (isOfOurs && ageOf(cookie, unixSeconds) < RENEW_SECONDS) {
    output.set(cookie, offset);
    return;
  }
  for (let at = 0; at < CLIENT_COOKIE_LENGTH; at++) output[offset + at] = cookie[at] ?? 0;
  output[offset + CLIENT_COOKIE_LENGTH] = VERSION;
  for (let at = CLIENT_COOKIE_LENGTH + 1; at < TIME_OFFSET; at++) output[offset + at] = 0;
  for (let at = 0; at < 4; at++) output[offset + TIME_OFFSET + at] = unixSeconds >>> (24 - 8 * at);
  writeHash(output, offset + HASH_OFFSET, output, offset, clientAddress, secret);
}

/**
 * True for a cookie that a holder of the secret gave to this client not longer than an hour ago. Parameters as for
 * `writeCookie`.
 */
export function isValidCookie(
  cookie: Uint8Array,
  clientAddress: Uint8Array,
  secret: Uint8Array,
  unixSeconds: number,
): boolean {
  if (cookie.length !== FULL_COOKIE_LENGTH || cookie[CLIENT_COOKIE_LENGTH] !== VERSION) return false;
  const age = ageOf(cookie, unixSeconds);
  if (age < -SKEW_SECONDS || age > LIFE_SECONDS) return false;
  writeHash(ownHash, 0, cookie, 0, clientAddress, secret);
  let difference = 0;
  for (let at = 0; at < ownHash.length; at++) {
    difference |= (ownHash[at] ?? 0) ^ (cookie[HASH_OFFSET + at] ?? 0);
  }
  return difference === 0;
}

/** What is hashed, for clients of either family. These are filled anew for each: nothing is allocated for a cookie. */
const hashedIpv4 = new Uint8Array(HASH_OFFSET + 4);
const hashedIpv6 = new Uint8Array(HASH_OFFSET + 16);
const ownHash = new Uint8Array(FULL_COOKIE_LENGTH - HASH_OFFSET);

/** Hashes the first 16 octets of a cookie and the client's address. */
function writeHash(
  output: Uint8Array,
  offset: number,
  cookie: Uint8Array,
  cookieStart: number,
  clientAddress: Uint8Array,
  secret: Uint8Array,
): void {
  const hashed = clientAddress.length === 4 ? hashedIpv4 : hashedIpv6;
  for (let at = 0; at < HASH_OFFSET; at++) hashed[at] = cookie[cookieStart + at] ?? 0;
  for (let at = HASH_OFFSET; at < hashed.length; at++) hashed[at] = clientAddress[at - HASH_OFFSET] ?? 0;
  sipHash24(secret, hashed, output, offset);
}

/** Seconds since the cookie was made, by serial number arithmetic (RFC 1982), so that 2106 passes unnoticed. */
function ageOf(cookie: Uint8Array, unixSeconds: number): number {
  const timestamp =
    ((cookie[12] ?? 0) << 24) | ((cookie[13] ?? 0) << 16) | ((cookie[14] ?? 0) << 8) | (cookie[15] ?? 0);
  return (unixSeconds - timestamp) | 0;
}
