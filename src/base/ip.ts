import ipaddr from 'ipaddr.js';

/** The two address families, spelt as Kubernetes spells them in `ipFamilies` and `addressType`. */
export type AddressFamily = 'IPv4' | 'IPv6';

/**
 * Four numbers up to 255 without leading zeros. ipaddr.js takes seven times as long, and a load asks for every
 * endpoint.
 */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Reads an address in its strict textual form and returns it canonical (RFC 5952 for IPv6), or undefined.
 *
 * `ipaddr.js` alone also takes octal, hexadecimal and one-part IPv4 and zone ids; none of them may stand in an API
 * object, and an IPv4-mapped IPv6 address would be answered in the wrong record type.
 */
export function parseAddress(text: string): string | undefined {
  if (IPV4.test(text)) return text;
  if (!text.includes(':') || text.includes('%')) return undefined;
  const address = parseIPv6(text);
  return address === undefined || address.isIPv4MappedAddress() ? undefined : address.toRFC5952String();
}

/** Not asked first whether it is one: that reads it twice. */
function parseIPv6(text: string): ipaddr.IPv6 | undefined {
  try {
    return ipaddr.IPv6.parse(text);
  } catch {
    return undefined;
  }
}

/** The family of a canonical address. */
export function familyOf(address: string): AddressFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/** Whether a canonical address never leaves the host. */
export function isLoopback(address: string): boolean {
  return /^(127\.|::1$)/.test(address);
}

/** The 4 or 16 octets of a canonical address, in network order. */
export function addressBytes(address: string): Uint8Array {
  const octets = new Uint8Array(familyOf(address) === 'IPv4' ? 4 : 16);
  putAddress(address, octets, 0);
  return octets;
}

/** Writes them where there are zeros. @returns how many they are */
export function putAddress(address: string, into: Uint8Array, start: number): 4 | 16 {
  return familyOf(address) === 'IPv4' ? putIPv4(address, into, start) : putIPv6(address, into, start);
}

function putIPv4(address: string, into: Uint8Array, start: number): 4 {
  let at = start;
  for (let index = 0; index < address.length; index++) {
    const code = address.charCodeAt(index);
    if (code === DOT) at += 1;
    else into[at] = (into[at] ?? 0) * 10 + code - ZERO;
  }
  return 4;
}

function putIPv6(address: string, into: Uint8Array, start: number): 16 {
  const end = start + 16;
  /** Where the `::` is. */
  let gap = end;
  let at = start;
  let group = 0;
  for (let index = 0; index <= address.length; index++) {
    const code = address.charCodeAt(index);
    // Behind the last group it is no number.
    if (code !== COLON && !Number.isNaN(code)) {
      group = (group << 4) | (code < LETTER_A ? code - ZERO : code - LETTER_A + 10);
      continue;
    }
    if (index > 0 && address.charCodeAt(index - 1) !== COLON) {
      into[at] = group >> 8;
      into[at + 1] = group;
      at += 2;
      group = 0;
    }
    if (address.charCodeAt(index + 1) === COLON) gap = at;
  }
  if (gap === end) return 16;
  into.copyWithin(end - (at - gap), gap, at);
  into.fill(0, gap, end - (at - gap));
  return 16;
}

const [DOT, COLON, ZERO, LETTER_A] = [0x2e, 0x3a, 0x30, 0x61];

/** The canonical address of 4 or 16 octets in network order. */
export function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return `${octets[0]}.${octets[1]}.${octets[2]}.${octets[3]}`;
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0));
  const { start, length } = longestZeros(groups);
  let text = '';
  for (let at = 0; at < groups.length; at++) {
    if (at === start) {
      text += '::';
      at += length - 1;
    } else {
      text += `${at === 0 || at === start + length ? '' : ':'}${groups[at]?.toString(16)}`;
    }
  }
  return text;
}

/** The first of the longest runs of zeros, where it has two at least (RFC 5952 section 4.2); else it starts nowhere. */
function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let longest = { start: -1, length: 1 };
  for (let start = 0; start < groups.length; ) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > longest.length) longest = { start, length: end - start };
    start = Math.max(end, start + 1);
  }
  return longest;
}

/** A CIDR block that can tell whether it holds an address. */
export interface Cidr {
  readonly text: string;
  contains(address: string): boolean;
}

/** Reads `10.0.0.0/8` or `fd00::/8`; undefined if it is neither. */
export function parseCidr(text: string): Cidr | undefined {
  const [base = '', bits = '', ...rest] = text.split('/');
  const address = parseAddress(base);
  if (address === undefined || rest.length > 0 || !/^\d{1,3}$/.test(bits)) return undefined;
  const network = ipaddr.parse(address);
  const prefix = Number(bits);
  if (prefix > (network.kind() === 'ipv4' ? 32 : 128)) return undefined;
  return { text, contains: other => within(other, network, prefix) };
}

function within(address: string, network: ipaddr.IPv4 | ipaddr.IPv6, prefix: number): boolean {
  if (!ipaddr.isValid(address)) return false;
  const candidate = ipaddr.process(address);
  return candidate.kind() === network.kind() && candidate.match(network, prefix);
}

/** A block of addresses as numbers, both ends included. Those of IPv6 lie above all of IPv4. */
export interface AddressRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** The addresses that a block holds. */
export function rangeOf({ text }: Cidr): AddressRange {
  const [base = '', prefix = ''] = text.split('/');
  return rangeAround(parseAddress(base) ?? '', Number(prefix));
}

/** The addresses that share so many first bits with a canonical address. */
export function rangeAround(address: string, prefix: number): AddressRange {
  const size = 1n << BigInt((familyOf(address) === 'IPv4' ? 32 : 128) - prefix);
  const number = addressNumber(address);
  const first = number - (number % size);
  return { first, last: first + size - 1n };
}

/** A canonical address as a number in the order of `AddressRange`. */
export function addressNumber(address: string): bigint {
  const { buffer, length } = addressBytes(address);
  const view = new DataView(buffer);
  if (length === 4) return BigInt(view.getUint32(0));
  return ABOVE_IPV4 + ((view.getBigUint64(0) << 64n) | view.getBigUint64(8));
}

/** Divisible by the size of every block. */
const ABOVE_IPV4 = 1n << 128n;
