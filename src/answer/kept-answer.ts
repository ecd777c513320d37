import type { Zone } from '../records/zone.ts';
import { HEADER_LENGTH } from '../wire/codes.ts';
import { foldCase, nameOctets } from '../wire/name.ts';
import type { Keyed } from './answer-table.ts';
import { type Compiled, compile, type Question, type Variant } from './compile.ts';

/** A reply as it is kept: its question is in canonical case. */
export interface KeptVariant extends Variant {
  /**
   * Offsets after the question at which the zone's name stands spelt out, as in the target of an SRV record: it is
   * spelt as the question does.
   */
  readonly originCopies: readonly number[];
}

/** A compiled answer for everyone who asks the question, whatever case they ask it in (0x20). */
export interface KeptAnswer extends Compiled, Keyed {
  readonly variants: readonly [KeptVariant, ...KeptVariant[]];
  /** Octets of the zone's name. */
  readonly originLength: number;
}

/** Compiles a question in canonical case; undefined as with `compile`. */
export function compileKept(zone: Zone, question: Question): KeptAnswer | undefined {
  const canonical = { ...question, name: question.name.map(foldCase) };
  const compiled = compile(zone, canonical);
  if (compiled === undefined) return undefined;
  const name = nameOctets(canonical.name);
  const origin = nameOctets(zone.origin);
  const questionEnd = HEADER_LENGTH + name.length + 4;
  const key = new Uint8Array(name.length + 2);
  key.set(name);
  key[name.length] = question.type >>> 8;
  key[name.length + 1] = question.type & 0xff;
  const [first, ...rest] = compiled.variants;
  const common = { originLength: origin.length, key };
  if (!compiled.variants.some(({ bytes }) => holds(bytes, origin, questionEnd))) {
    const plain = (variant: Variant) => ({ ...variant, originCopies: [] });
    return { ...compiled, ...common, variants: [plain(first), ...rest.map(plain)] };
  }
  // Octets that look like the zone's name may be an address or text. Which are its name shows in capitals.
  const capitals = compile(zone, { ...question, name: canonical.name.map(label => label.toUpperCase()) });
  const marked = (variant: Variant, index: number) => {
    const shouted = capitals?.variants[index]?.bytes ?? variant.bytes;
    return { ...variant, originCopies: copiesOf(variant.bytes, shouted, origin, questionEnd) };
  };
  return {
    ...compiled,
    ...common,
    variants: [marked(first, 0), ...rest.map((variant, index) => marked(variant, index + 1))],
  };
}

function holds(bytes: Uint8Array, origin: Uint8Array, from: number): boolean {
  return Buffer.prototype.indexOf.call(bytes, origin, from) !== -1;
}

/** Where two bodies, of a question in canonical case and of the same in capitals, hold the zone's name. */
function copiesOf(bytes: Uint8Array, shouted: Uint8Array, origin: Uint8Array, from: number): number[] {
  const firstLetter = origin.findIndex(octet => octet >= 0x61 && octet <= 0x7a);
  const copies: number[] = [];
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === shouted[at]) continue;
    const copy = at - firstLetter;
    copies.push(copy);
    at = copy + origin.length - 1;
  }
  return copies;
}
