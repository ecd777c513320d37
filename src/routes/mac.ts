import { parseAddress } from '../base/ip.ts';

/**
 * The hardware address of a node's VXLAN device: locally administered, the same after every start, and known to the
 * peers before the node tells it. Made of cluster and uid, for node names are alike in many clusters.
 */
export function macOf(cluster: string, uid: string): string {
  const hash = hash53(`${cluster}/${uid}`);
  const octets = Array.from({ length: 5 }, (_, index) => Math.floor(hash / 256 ** index) % 256);
  return ['02', ...octets.map(octet => octet.toString(16).padStart(2, '0'))].join(':');
}

/** One that a single device may have, in lower case: no group address, not all zero. */
export function isDeviceMAC(text: string): boolean {
  return /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(text) && text !== '00:00:00:00:00:00';
}

/** The link-local address that the kernel gives a device with this hardware address (RFC 4291 appendix A). */
export function linkLocalOf(mac: string): string {
  const octets = mac.split(':').map(part => Number.parseInt(part, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = octets;
  const groups = [(a ^ 2) * 256 + b, c * 256 + 0xff, 0xfe00 + d, e * 256 + f];
  const text = `fe80::${groups.map(group => group.toString(16)).join(':')}`;
  return parseAddress(text) ?? text;
}

/** cyrb53 (bryc, public domain): 53 well mixed bits of a short text. Nothing secret hangs on it. */
export function hash53(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}
