import { type Entry, type KernelState, keyOf, sameEntry } from './entry.ts';

export interface Keyed {
  /** Of the entry: by it the kernel tells it apart from others. */
  readonly key: string;
  readonly entry: Entry;
}

export type KeyedList = readonly Keyed[];

/**
 * What is in the kernel, as it is kept. No key is there twice. A map of it is made when something is looked for in it,
 * which is hardly ever: it would be larger than what it leads to.
 */
export type Found = readonly KeyedList[];

/**
 * Entries with their keys: what is known wherever that says the same, for tens of thousands need not be there twice. Of
 * several with one key the last: the kernel may tell them apart by what is not read of them, or tell of one twice when
 * its list changes meanwhile.
 *
 * @param known by the key
 */
export function keyedBy(entries: Iterable<Entry>, known: (key: string) => Keyed | undefined): KeyedList {
  const list = Array.from(entries, (entry): Keyed => {
    const key = keyOf(entry);
    const same = known(key);
    return same !== undefined && sameEntry(entry, same.entry) ? same : { key, entry };
  });
  const keys = new Set<string>();
  for (const { key } of list) keys.add(key);
  return keys.size === list.length ? list : [...new Map(list.map(one => [one.key, one])).values()];
}

export function stateIn(found: Found): KernelState {
  const state = new Map<string, Entry>();
  for (const list of found) for (const { key, entry } of list) state.set(key, entry);
  return state;
}

/** Whether they say the same in the same order. */
export function sameList(one: KeyedList, other: KeyedList): boolean {
  const isSame = ({ entry }: Keyed, index: number): boolean => {
    const there = other[index];
    return there !== undefined && sameEntry(entry, there.entry);
  };
  return one.length === other.length && one.every(isSame);
}
