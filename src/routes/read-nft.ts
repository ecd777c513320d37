import { hostText } from '../base/block.ts';
import { parseAddress } from '../base/ip.ts';
import type { Entry, SetName } from './entry.ts';
import { type Json, mapping } from './json.ts';
import { SETS } from './ruleset.ts';

/** What `nft -j list table inet ...` says of our table. */
export function readTable(json: unknown): Entry[] {
  const items = mapping(json)['nftables'];
  const rules: string[] = [];
  const entries: Entry[] = [];
  /** Makes the table differ from ours, so that it is built anew. */
  const foreign: string[] = [];
  for (const item of Array.isArray(items) ? items.map(mapping) : []) {
    const { rule, set } = item;
    if (rule !== undefined) {
      const { chain, comment } = mapping(rule);
      rules.push(`${chain}/${comment}`);
    }
    if (set !== undefined) entries.push(...readSet(mapping(set), foreign));
  }
  return [{ kind: 'ruleset', rules: [...rules, ...foreign].join(' ') }, ...entries];
}

function readSet({ name, elem }: Json, foreign: string[]): Entry[] {
  if (!isOurs(name)) {
    foreign.push(`set ${name}`);
    return [];
  }
  return (Array.isArray(elem) ? elem : []).flatMap(element => {
    const block = blockOf(element);
    if (block !== undefined) return [{ kind: 'element', set: name, block } as const];
    foreign.push(`${name} ${JSON.stringify(element)}`);
    return [];
  });
}

function isOurs(name: unknown): name is SetName {
  return typeof name === 'string' && Object.hasOwn(SETS, name);
}

/** Undefined for what we put into no set, such as a range. */
function blockOf(element: unknown): string | undefined {
  if (typeof element === 'string') {
    const address = parseAddress(element);
    return address === undefined ? undefined : hostText(address);
  }
  const { addr, len } = mapping(mapping(element)['prefix']);
  // As nftables prints it there is nothing to check but that it is one.
  return typeof addr === 'string' && typeof len === 'number' ? `${addr}/${len}` : undefined;
}
