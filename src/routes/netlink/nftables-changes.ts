import { addressBytes } from '../../base/ip.ts';
import type { Operation } from '../diff.ts';
import type { ElementEntry, SetName } from '../entry.ts';
import { SETS } from '../ruleset.ts';
import { type BundleWriter, CHANGE } from './bundle.ts';
import { behind, NFTABLES } from './nftables.ts';

/** Changes of elements of sets as the kernel is told them, the counterpart of `nftables.ts`. */

const { BODY, INET, LIST, ELEMENT, DATA_VALUE, IS_END, NEW_ELEMENTS, DELETE_ELEMENTS, SUBSYSTEM } = NFTABLES;
const BATCH = { begin: 16, end: 17 } as const;
/** An element of a list, whose places have no types of their own. */
const ITEM = 1;

/** A list has to fit 64 KiB, and a transaction what may wait to be sent: an element takes 80 octets at most. */
const MOST_OF_MESSAGE = 500;
export const MOST_TOGETHER = 2_000;

export interface ElementOperation {
  readonly verb: Operation['verb'];
  readonly entry: ElementEntry;
}

/**
 * Writes one transaction: all of it happens, or nothing. First what goes, for a set takes no block that overlaps one
 * that is in it.
 *
 * @param operations at most `MOST_TOGETHER`
 * @returns what each of the messages is about
 */
export function writeElements(
  writer: BundleWriter,
  operations: readonly ElementOperation[],
  table: string,
): readonly (readonly ElementOperation[])[] {
  const groups = (['delete', 'put'] as const).flatMap(verb => {
    const those = operations.filter(one => one.verb === verb);
    return [...Map.groupBy(those, ({ entry }) => entry.set)].flatMap(([set, all]) =>
      inPieces(all, MOST_OF_MESSAGE).map(some => ({ verb, set, all: some })),
    );
  });
  writeLimit(writer, BATCH.begin);
  for (const { verb, set, all } of groups) writeSet(writer, verb, set, all, table);
  writeLimit(writer, BATCH.end);
  return [[], ...groups.map(({ all }) => all), []];
}

function inPieces<Item>(items: readonly Item[], most: number): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, index) =>
    items.slice(index * most, (index + 1) * most),
  );
}

/** Names in network order who is meant. */
function writeLimit(writer: BundleWriter, type: number): void {
  const body = writer.begin(type, CHANGE.request, BODY);
  writer.uint8(body + 3, SUBSYSTEM >> 8);
  writer.end();
}

function writeSet(
  writer: BundleWriter,
  verb: Operation['verb'],
  set: SetName,
  operations: readonly ElementOperation[],
  table: string,
): void {
  const [type, flags] = verb === 'put' ? [NEW_ELEMENTS, CHANGE.create] : [DELETE_ELEMENTS, CHANGE.request];
  const body = writer.begin(type, flags | CHANGE.acknowledge, BODY);
  writer.uint8(body, INET);
  writer.text(LIST.table, table);
  writer.text(LIST.set, set);
  const list = writer.open(LIST.elements);
  for (const { entry } of operations) writeElement(writer, entry);
  writer.close(list);
  writer.end();
}

/** Of a block where it begins and, unless nothing is behind it, where it is over. */
function writeElement(writer: BundleWriter, { set, block }: ElementEntry): void {
  const slash = block.indexOf('/');
  const first = addressBytes(block.slice(0, slash));
  writeKey(writer, first, 0);
  const end = SETS[set].blocks ? behind(first, Number(block.slice(slash + 1))) : undefined;
  if (end !== undefined) writeKey(writer, end, IS_END);
}

function writeKey(writer: BundleWriter, octets: Uint8Array, flags: number): void {
  const item = writer.open(ITEM);
  const key = writer.open(ELEMENT.key);
  writer.bytes(DATA_VALUE, octets);
  writer.close(key);
  if (flags !== 0) writer.networkNumber(ELEMENT.flags, flags);
  writer.close(item);
}
