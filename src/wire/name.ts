/**
 * Domain names are octets (RFC 2181 section 11). Inside the program a name is a list of labels, leftmost first, each a
 * string with one character per octet (latin1): a label may hold a dot or 0xff and must never be split or re-encoded.
 */
export type Labels = readonly string[];

/** Octets of the longest name, root label included (RFC 1035 section 2.3.4). */
export const MAX_NAME_LENGTH = 255;
export const MAX_LABEL_LENGTH = 63;

/** Splits presentation text without escapes (`payments.shop.svc`), as settings and our own objects hold it. */
export function labelsOfText(text: string): string[] {
  const bare = text.endsWith('.') ? text.slice(0, -1) : text;
  return bare === '' ? [] : bare.toLowerCase().split('.');
}

/** Length in octets on the wire, root label included. */
export function wireLength(labels: Labels): number {
  let length = 1;
  for (const label of labels) length += label.length + 1;
  return length;
}

/** True where every label and the whole fit into a DNS name. */
export function isEncodable(labels: Labels): boolean {
  return (
    wireLength(labels) <= MAX_NAME_LENGTH &&
    labels.every(label => label.length > 0 && label.length <= MAX_LABEL_LENGTH)
  );
}

/** Folds ASCII letters only: case-insensitivity in DNS does not reach other octets (RFC 4343 section 3). */
export function foldCase(octets: string): string {
  return octets.replace(/[A-Z]+/g, letters => letters.toLowerCase());
}

/**
 * The same for one octet: `FOLDED[octet]`. Length octets are below 64, so a whole name may be folded octet by octet.
 */
export const FOLDED: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);

/** A name as uncompressed octets. */
export function nameOctets(labels: Labels): Uint8Array {
  const octets = new Uint8Array(wireLength(labels));
  let offset = 0;
  for (const label of labels) {
    octets[offset++] = label.length;
    for (let index = 0; index < label.length; index++) octets[offset++] = label.charCodeAt(index);
  }
  return octets;
}

/**
 * The labels of an uncompressed name that a reader has already checked.
 *
 * @param start offset of the first length octet
 */
export function labelsAt(message: Uint8Array, start: number): string[] {
  const labels: string[] = [];
  let offset = start;
  for (let length = message[offset] ?? 0; length !== 0; length = message[offset] ?? 0) {
    labels.push(latin1(message, offset + 1, offset + 1 + length));
    offset += length + 1;
  }
  return labels;
}

/** Octets as a string, one character each. */
export function latin1(octets: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.latin1Slice.call(octets, start, end);
}

/** Presentation form with RFC 4343 escapes, for people and logs; absolute, so the root is `.`. */
export function printName(labels: Labels): string {
  return `${labels.map(printLabel).join('.')}.`;
}

function printLabel(label: string): string {
  return label.replace(/[^!#%&'*+\-/0-9:<=>?A-Z[\]^_`a-z{|}~]/g, character => {
    const code = character.charCodeAt(0);
    return code > 0x20 && code < 0x7f ? `\\${character}` : `\\${String(code).padStart(3, '0')}`;
  });
}
