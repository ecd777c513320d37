import { messageOf } from '../base/errors.ts';
import type { Operation } from '../routes/diff.ts';
import type { Entry } from '../routes/entry.ts';
import type { Marks } from '../routes/model.ts';
import { BundleWriter } from '../routes/netlink/bundle.ts';
import { type ElementOperation, MOST_TOGETHER, writeElements } from '../routes/netlink/nftables-changes.ts';
import { writeForwarding, writeNeighbour, writeRoute } from '../routes/netlink/rtnetlink-changes.ts';
import { wordsOf } from '../routes/words.ts';
import type { Netlink } from './netlink.ts';
import type { Refusal } from './refusal.ts';

/** What is told at once: the answers to as many that all fail have room where they wait to be read. */
const TOGETHER = 128;
/** Octets for as many routes, which may take 130 each, and for as many elements as a transaction may have. */
const ROOM = { routes: 32 * 1024, elements: 192 * 1024 } as const;

/** Whether the kernel can be told of all of it directly, of elements in one transaction. */
export function isListChange(operations: readonly Operation[]): boolean {
  if (operations.every(isElement)) return operations.length <= MOST_TOGETHER;
  return operations.every(({ entry }) => isOfList(entry));
}

type ListEntry = Extract<Entry, { kind: 'route' | 'neighbour' | 'forwarding' }>;

function isOfList(entry: Entry): entry is ListEntry {
  return entry.kind === 'route' || entry.kind === 'neighbour' || entry.kind === 'forwarding';
}

function isElement(operation: Operation): operation is ElementOperation & Operation {
  return operation.entry.kind === 'element';
}

/**
 * Changes what there is of for every node of another cluster, without a program: to start one takes longer than to
 * change what one node needs, and nft reads whole sets before it changes anything.
 */
export class ListChanges {
  readonly #netlink: Netlink;
  readonly #marks: Marks;

  constructor(netlink: Netlink, marks: Marks) {
    this.#netlink = netlink;
    this.#marks = marks;
  }

  /**
   * Returns what was refused.
   *
   * @param operations for which `isListChange` is true; or more elements, which are then several transactions
   */
  async carryOut(operations: readonly Operation[]): Promise<Refusal[]> {
    if (operations.every(isElement)) return this.#changeElements(operations);
    const refused: Refusal[] = [];
    const writer = new BundleWriter(ROOM.routes);
    const indexes = new Map<string, number>();
    for (let start = 0; start < operations.length; start += TOGETHER)
      refused.push(...(await this.#changeSome(operations.slice(start, start + TOGETHER), writer, indexes)));
    return refused;
  }

  async #changeSome(
    operations: readonly Operation[],
    writer: BundleWriter,
    indexes: Map<string, number>,
  ): Promise<Refusal[]> {
    const refused: Refusal[] = [];
    const told: Operation[] = [];
    writer.clear();
    for (const operation of operations) {
      try {
        this.#write(writer, operation, indexes);
        told.push(operation);
      } catch (error) {
        refused.push(this.#refusal([operation], messageOf(error)));
      }
    }
    if (told.length === 0) return refused;
    for (const [place, reason] of await this.#netlink.change('route', writer.bundle()))
      refused.push(this.#refusal(told.slice(place, place + 1), reason));
    return refused;
  }

  /** Asks for the device first: nothing is written of what it fails for. */
  #write(writer: BundleWriter, { verb, entry }: Operation, indexes: Map<string, number>): void {
    const indexOf = (device: string): number => {
      const known = indexes.get(device) ?? this.#netlink.indexOf(device);
      indexes.set(device, known);
      return known;
    };
    if (entry.kind === 'neighbour') writeNeighbour(writer, verb, entry, indexOf(entry.device));
    if (entry.kind === 'forwarding') writeForwarding(writer, verb, entry, indexOf(entry.device));
    if (entry.kind !== 'route') return;
    const { device } = verb === 'put' ? entry : { device: undefined };
    writeRoute(writer, verb, entry, this.#marks, device === undefined ? undefined : indexOf(device));
  }

  async #changeElements(operations: readonly ElementOperation[]): Promise<Refusal[]> {
    const refused: Refusal[] = [];
    const writer = new BundleWriter(ROOM.elements);
    for (let start = 0; start < operations.length; start += MOST_TOGETHER) {
      const some = operations.slice(start, start + MOST_TOGETHER);
      writer.clear();
      const about = writeElements(writer, some, this.#marks.nftTable);
      for (const [place, reason] of await this.#netlink.change('netfilter', writer.bundle())) {
        const [meant = []] = about.slice(place, place + 1);
        refused.push(this.#refusal(meant.length > 0 ? meant : some, reason));
      }
    }
    return refused;
  }

  #refusal(operations: readonly Operation[], message: string): Refusal {
    const [first = ''] = wordsOf(operations.slice(0, 1), this.#marks);
    const others = operations.length > 1 ? ` # and ${operations.length - 1} more` : '';
    return { what: `${first}${others}`, message };
  }
}
