import { addressText } from '../../base/ip.ts';
import type { ElementEntry, SetName } from '../entry.ts';
import { SETS } from '../ruleset.ts';
import { type BundleWriter, listRequest } from './bundle.ts';
import { bodiesIn, eachAttribute, type Request, textOf, viewOf } from './message.ts';

/** Tables of nftables as the kernel tells of them (linux/netfilter/nf_tables.h). */

const SUBSYSTEM = 10 << 8;
const NEW_RULE = SUBSYSTEM | 6;
const GET_RULE = SUBSYSTEM | 7;
const NEW_SET = SUBSYSTEM | 9;
const GET_SET = SUBSYSTEM | 10;
const NEW_ELEMENTS = SUBSYSTEM | 12;
const GET_ELEMENTS = SUBSYSTEM | 13;
const DELETE_ELEMENTS = SUBSYSTEM | 14;

/** Octets of `struct nfgenmsg`; the last two count the changes of all tables. */
const BODY = 4;
const INET = 1;

const RULE = { table: 1, chain: 2, comments: 7 } as const;
const SET = { table: 1, name: 2, flags: 3 } as const;
const SET_IS_ANONYMOUS = 1;
const LIST = { table: 1, set: 2, elements: 3 } as const;
const ELEMENT = { key: 1, flags: 3 } as const;
const DATA_VALUE = 1;
/** Of an element behind the end of a block. */
const IS_END = 1;
/** libnftnl's own type of what a rule is commented with. */
const COMMENT = 0;

export function setsRequest(table: string): Request {
  return requestOf(GET_SET, writer => writer.text(SET.table, table));
}

/** The names of a table's sets. Those that have none stand in a rule. */
export function readSets(octets: Uint8Array): string[] {
  const view = viewOf(octets);
  const names: string[] = [];
  for (const { start, end } of bodiesIn(view, NEW_SET)) {
    let [name, flags] = ['', 0];
    eachAttribute(view, start + BODY, end, (kind, from, to) => {
      if (kind === SET.name) name = textOf(view, from, to);
      else if (kind === SET.flags) flags = view.getUint32(from);
    });
    if ((flags & SET_IS_ANONYMOUS) === 0) names.push(name);
  }
  return names;
}

export function rulesRequest(table: string): Request {
  return requestOf(GET_RULE, writer => writer.text(RULE.table, table));
}

/** The rules of a table in order, each by its chain and its comment. */
export function readRules(octets: Uint8Array): string[] {
  const view = viewOf(octets);
  const rules: string[] = [];
  for (const { start, end } of bodiesIn(view, NEW_RULE)) {
    let [chain, comment] = ['', ''];
    eachAttribute(view, start + BODY, end, (kind, from, to) => {
      if (kind === RULE.chain) chain = textOf(view, from, to);
      else if (kind === RULE.comments) comment = commentIn(view, from, to);
    });
    rules.push(`${chain}/${comment}`);
  }
  return rules;
}

/** Each with an octet for its type and one for its length. */
function commentIn(view: DataView, start: number, end: number): string {
  for (let at = start; at + 2 <= end; at += 2 + view.getUint8(at + 1))
    if (view.getUint8(at) === COMMENT) return textOf(view, at + 2, at + 2 + view.getUint8(at + 1));
  return '';
}

export function elementsRequest(table: string, set: string): Request {
  return requestOf(GET_ELEMENTS, writer => {
    writer.text(LIST.table, table);
    writer.text(LIST.set, set);
  });
}

export interface Elements {
  readonly entries: readonly ElementEntry[];
  /** What is none of ours, such as a range that is no block. */
  readonly foreign: readonly string[];
}

export function readElements(octets: Uint8Array, set: SetName): Elements {
  const found = keysIn(octets);
  if (!SETS[set].blocks) {
    const entries = found.map(({ key }) => element(set, `${addressText(key)}/${key.length * 8}`));
    return { entries, foreign: [] };
  }
  const entries: ElementEntry[] = [];
  const foreign: string[] = [];
  // Of two at the same address one block ends there and another begins.
  found.sort((one, other) => compareOctets(one.key, other.key) || Number(other.isEnd) - Number(one.isEnd));
  for (const [index, { key, isEnd }] of found.entries()) {
    if (isEnd) continue;
    const next = found[index + 1];
    const last = next?.isEnd ? before(next.key) : new Uint8Array(key.length).fill(255);
    const prefix = prefixOf(key, last);
    if (prefix === undefined) foreign.push(`${set} ${addressText(key)}-${addressText(last)}`);
    else entries.push(element(set, `${addressText(key)}/${prefix}`));
  }
  return { entries, foreign };
}

function element(set: SetName, block: string): ElementEntry {
  return { kind: 'element', set, block };
}

interface Key {
  readonly key: Uint8Array;
  readonly isEnd: boolean;
}

function keysIn(octets: Uint8Array): Key[] {
  const view = viewOf(octets);
  const keys: Key[] = [];
  const read = (start: number, end: number): void => {
    let [from, to, flags] = [0, 0, 0];
    eachAttribute(view, start, end, (kind, at, behind) => {
      if (kind === ELEMENT.flags) flags = view.getUint32(at);
      else if (kind === ELEMENT.key)
        eachAttribute(view, at, behind, (what, first, last) => {
          if (what === DATA_VALUE) [from, to] = [first, last];
        });
    });
    keys.push({ key: octets.subarray(from, to), isEnd: (flags & IS_END) !== 0 });
  };
  for (const { start, end } of bodiesIn(view, NEW_ELEMENTS))
    eachAttribute(view, start + BODY, end, (kind, from, to) => {
      if (kind === LIST.elements) eachAttribute(view, from, to, (_kind, at, behind) => read(at, behind));
    });
  return keys;
}

function compareOctets(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < one.length; at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The address before. */
function before(address: Uint8Array): Uint8Array {
  const last = Uint8Array.from(address);
  for (let at = last.length - 1; at >= 0; at--) {
    const octet = last[at] ?? 0;
    last[at] = (octet + 255) & 255;
    if (octet !== 0) break;
  }
  return last;
}

/** The address behind the block that begins there; undefined where there is none. */
export function behind(first: Uint8Array, prefix: number): Uint8Array | undefined {
  const address = Uint8Array.from(first);
  // What the last octet of the prefix counts in.
  let step = 1 << (7 - ((prefix + 7) & 7));
  for (let at = ((prefix + 7) >> 3) - 1; at >= 0; at--) {
    const sum = (address[at] ?? 0) + step;
    address[at] = sum & 255;
    if (sum < 256) return address;
    step = 1;
  }
  return undefined;
}

/** How long the prefix is of the block from the first address to the last; undefined where they are no block's. */
function prefixOf(first: Uint8Array, last: Uint8Array): number | undefined {
  const same = first.findIndex((octet, at) => octet !== last[at]);
  if (same === -1) return first.length * 8;
  const differing = (first[same] ?? 0) ^ (last[same] ?? 0);
  const bits = Math.clz32(differing) - 24;
  const isBlock =
    (differing & (differing + 1)) === 0 &&
    ((first[same] ?? 0) & differing) === 0 &&
    first.subarray(same + 1).every(octet => octet === 0) &&
    last.subarray(same + 1).every(octet => octet === 255);
  return isBlock ? same * 8 + bits : undefined;
}

/** Takes out the count of changes: other tables are changed as well. */
export function blankCounts(octets: Uint8Array): void {
  const view = viewOf(octets);
  for (const type of [NEW_RULE, NEW_SET, NEW_ELEMENTS])
    for (const { start } of bodiesIn(view, type)) octets.fill(0, start + 2, start + BODY);
}

function requestOf(type: number, writeNames: (writer: BundleWriter) => void): Request {
  return listRequest('netfilter', type, BODY, (writer, body) => {
    writer.uint8(body, INET);
    writeNames(writer);
  });
}

/** For those who write what is read here. */
export const NFTABLES = {
  ...{
    SUBSYSTEM,
    NEW_RULE,
    GET_RULE,
    NEW_SET,
    GET_SET,
    NEW_ELEMENTS,
    GET_ELEMENTS,
    DELETE_ELEMENTS,
    BODY,
    INET,
  },
  ...{ RULE, SET, LIST, ELEMENT, DATA_VALUE, IS_END, COMMENT },
} as const;
