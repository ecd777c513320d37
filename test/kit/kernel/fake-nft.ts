import { overlaps, parseBlock } from '../../../src/base/block.ts';
import { Refused } from './fake-network.ts';

type Json = Record<string, unknown>;

export interface FakeSet {
  readonly interval: boolean;
  readonly elements: Map<string, unknown>;
}

export interface FakeTable {
  readonly sets: Map<string, FakeSet>;
  readonly chains: Map<string, Json[]>;
}

/** The tables of nftables: whole transactions, no overlapping blocks in a set, no deleting of what is not there. */
export class FakeNft {
  #tables = new Map<string, FakeTable>();

  /** All of it, or nothing. @param json what `nft -j -f -` reads */
  transact(json: string): void {
    const { nftables } = JSON.parse(json) as { nftables: Json[] };
    const before = this.#tables;
    this.#tables = structuredClone(before);
    try {
      for (const command of nftables) this.#take(command);
      for (const table of this.#tables.values()) for (const set of table.sets.values()) refuseOverlaps(set);
    } catch (error) {
      this.#tables = before;
      throw error;
    }
  }

  /** What the kernel tells of a table itself. Undefined: there is none. */
  told(name: string): FakeTable | undefined {
    return this.#tables.get(name);
  }

  /** What `nft -j list table inet ...` prints. */
  list(name: string): unknown {
    const table = this.#table(name);
    const sets = Array.from(table.sets, ([set, { elements }]) => ({
      set: { name: set, ...(elements.size === 0 ? {} : { elem: [...elements.values()] }) },
    }));
    const chains = Array.from(table.chains, ([chain, rules]) => [
      { chain: { name: chain } },
      ...rules.map(rule => ({ rule })),
    ]);
    return { nftables: [{ metainfo: {} }, { table: { name } }, ...sets, ...chains.flat()] };
  }

  #table(name: string): FakeTable {
    const found = this.#tables.get(name);
    if (found === undefined) throw new Refused('Error: No such file or directory');
    return found;
  }

  #take({ add, delete: gone }: Json): void {
    const { table, set, chain, rule, element } = (add ?? gone) as Record<string, Json | undefined>;
    if (table !== undefined) {
      const name = String(table['name']);
      if (gone !== undefined) {
        this.#table(name);
        this.#tables.delete(name);
      } else if (!this.#tables.has(name)) {
        this.#tables.set(name, { sets: new Map(), chains: new Map() });
      }
    }
    if (set !== undefined) {
      const interval = Array.isArray(set['flags']) && set['flags'].includes('interval');
      this.#table(String(set['table'])).sets.set(String(set['name']), { interval, elements: new Map() });
    }
    if (chain !== undefined) this.#table(String(chain['table'])).chains.set(String(chain['name']), []);
    if (rule !== undefined) this.#table(String(rule['table'])).chains.get(String(rule['chain']))?.push(rule);
    if (element !== undefined) this.#takeElements(element, gone !== undefined);
  }

  #takeElements({ table, name, elem }: Json, gone: boolean): void {
    const set = this.#table(String(table)).sets.get(String(name));
    if (set === undefined || !Array.isArray(elem)) throw new Refused('Error: No such file or directory');
    for (const one of elem) {
      const key = JSON.stringify(one);
      if (!gone) set.elements.set(key, one);
      else if (!set.elements.delete(key)) throw new Refused('Error: element does not exist');
    }
  }
}

function refuseOverlaps({ interval, elements }: FakeSet): void {
  if (!interval) return;
  const claims = Array.from(elements.values(), one => {
    const { addr, len } =
      typeof one === 'string'
        ? { addr: one, len: one.includes(':') ? 128 : 32 }
        : (one as { prefix: Json }).prefix;
    const block = parseBlock(`${addr}/${len}`);
    if (block === undefined) throw new Refused(`Error: no block: ${JSON.stringify(one)}`);
    return { block, by: block.text };
  });
  if (overlaps(claims).length > 0) throw new Refused('Error: interval overlaps with an existing one');
}
