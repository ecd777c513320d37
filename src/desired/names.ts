import type { PlanTools } from './model.ts';

/**
 * Names of the objects that the controller writes. Each is a function of what the object is for, so that every restart
 * and every cluster finds the same ones. Services and namespaces are labels (63), slices and our own kinds subdomains
 * (253).
 */
type Sha256 = PlanTools['sha256'];

const BASE32HEX = '0123456789abcdefghijklmnopqrstuv';
const LONGEST_SUBDOMAIN = 253;
/** 50 bits: that any two of a million names share one has a chance of 1 in 2,000. */
const HASH_LENGTH = 10;

/** RFC 4648 base32hex in lower case, without padding. */
export function base32hex(octets: Uint8Array): string {
  let text = '';
  let value = 0;
  let bits = 0;
  for (const octet of octets) {
    value = (value << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32HEX[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE32HEX[(value << (5 - bits)) & 31];
}

/** Ten characters that stand for a text. */
export function shortHash(text: string, sha256: Sha256): string {
  return base32hex(sha256(text)).slice(0, HASH_LENGTH);
}

const DERIVED = 'derived-';

/** Whether a Service of this name may be one that we want to write. */
export function isDerivedName(name: string): boolean {
  return name.startsWith(DERIVED);
}

/** The Service whose cluster IPs are the clusterset IPs, named as mcs-api's sample controller names it. */
export function derivedServiceName(namespace: string, name: string, sha256: Sha256): string {
  return `${DERIVED}${shortHash(`${namespace}/${name}`, sha256)}`;
}

/** The Service whose cluster IPs lead to one source cluster. */
export function clusterServiceName(namespace: string, name: string, cluster: string, sha256: Sha256): string {
  return `${DERIVED}${shortHash(`${namespace}/${name}/${cluster}`, sha256)}`;
}

/**
 * An ExportedService where its own cluster publishes it. A namespace holds no dot, so two services never share one.
 */
export function exportedServiceName(namespace: string, name: string): string {
  return `${namespace}.${name}`;
}

/** The copy of another cluster's ExportedService. Read from its end, for cluster ids may hold dots. */
export function importedCopyName(cluster: string, namespace: string, name: string): string {
  return `${cluster}.${exportedServiceName(namespace, name)}`;
}

/** A slice as its own cluster publishes it, by the name that it has beside its Service. */
export function publishedSliceName(namespace: string, sliceName: string, sha256: Sha256): string {
  const name = `${namespace}.${sliceName}`;
  if (name.length <= LONGEST_SUBDOMAIN) return name;
  const room = LONGEST_SUBDOMAIN - HASH_LENGTH - 1;
  return `${name.slice(0, room).replace(/[-.]+$/, '')}-${shortHash(name, sha256)}`;
}

/**
 * A slice of one source cluster where the service is imported; at most 138 long. It is made from the published slice's
 * own name, not from where that is published: a slice that moves from one namespace to another stays the same slice.
 */
export function importedSliceName(
  service: string,
  cluster: string,
  publishedName: string,
  sha256: Sha256,
): string {
  return `${service}-${cluster}-${shortHash(`${cluster}/${publishedName}`, sha256)}`;
}

/** A slice that is there for kube-proxy alone: that derived Service's, made from an imported slice. */
export function proxySliceName(derivedService: string, importedSlice: string, sha256: Sha256): string {
  return `${derivedService}-${shortHash(importedSlice, sha256)}`;
}
