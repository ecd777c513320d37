import { sipHash24 } from './siphash.ts';

/** Client cookie and interoperable server cookie together (RFC 9018 section 4). */
export const FULL_COOKIE_LENGTH = 24;
export const COOKIE_SECRET_LENGTH = 16;

const CLIENT_LENGTH = 8;
const HASH_OFFSET = 16;
/** RFC 9018 section 4.3: five minutes of clock skew between replicas; renewed once half of its hour is over. */
const SKEW_SECONDS = 300;
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
  const timestamp = youngTimestamp(cookie, unixSeconds);
  if (timestamp !== undefined) {
    writeCookieOf(output, offset, cookie, clientAddress, secret, timestamp);
    if (sameOctets(output, offset, cookie)) return;
  }
  writeCookieOf(output, offset, cookie, clientAddress, secret, unixSeconds);
}

function writeCookieOf(
  output: Uint8Array,
  offset: number,
  cookie: Uint8Array,
  clientAddress: Uint8Array,
  secret: Uint8Array,
  timestamp: number,
): void {
  output.set(cookie.subarray(0, CLIENT_LENGTH), offset);
  output.set(
    [1, 0, 0, 0, timestamp >>> 24, timestamp >>> 16, timestamp >>> 8, timestamp],
    offset + CLIENT_LENGTH,
  );
  const hashed = new Uint8Array(HASH_OFFSET + clientAddress.length);
  hashed.set(output.subarray(offset, offset + HASH_OFFSET));
  hashed.set(clientAddress, HASH_OFFSET);
  sipHash24(secret, hashed, output, offset + HASH_OFFSET);
}

/** The timestamp in a server cookie of our kind, if it may be handed out once more. */
function youngTimestamp(cookie: Uint8Array, unixSeconds: number): number | undefined {
  if (cookie.length !== FULL_COOKIE_LENGTH || cookie[CLIENT_LENGTH] !== 1) return undefined;
  const timestamp =
    (((cookie[12] ?? 0) << 24) | ((cookie[13] ?? 0) << 16) | ((cookie[14] ?? 0) << 8) | (cookie[15] ?? 0)) >>>
    0;
  // Serial number arithmetic (RFC 1982), so that 2106 passes unnoticed.
  const age = (unixSeconds - timestamp) | 0;
  return age >= -SKEW_SECONDS && age < RENEW_SECONDS ? timestamp : undefined;
}

function sameOctets(output: Uint8Array, offset: number, cookie: Uint8Array): boolean {
  let difference = 0;
  for (let index = 0; index < FULL_COOKIE_LENGTH; index++) {
    difference |= (output[offset + index] ?? 0) ^ (cookie[index] ?? 0);
  }
  return difference === 0;
}
