import { messageOf } from '../base/errors.ts';
import type { Operation } from '../routes/diff.ts';
import { OF_PEERS } from '../routes/entry.ts';
import type { Marks } from '../routes/model.ts';
import { type Bundle, BundleWriter } from '../routes/netlink/bundle.ts';
import type { Protocol } from '../routes/netlink/message.ts';
import { type ElementOperation, MOST_TOGETHER, writeElements } from '../routes/netlink/nftables-changes.ts';
import { writeForwarding, writeNeighbour, writeRoute } from '../routes/netlink/rtnetlink-changes.ts';
import { wordsOf } from '../routes/words.ts';
import type { Netlink } from './netlink.ts';
import type { Refusal } from './refusal.ts';

/** What is told at once: the answers to as many that all fail have room where they wait to be read. */
const TOGETHER = 128;
/** Octets: a route may take 130, an element 64, and all else in a transaction of those 4,000 with the longest names. */
const ROOM = { route: 160, element: 80, transaction: 4 * 1024 } as const;

/** Whether the kernel can be told of all of it directly, of elements in one transaction. */
export function isToldDirectly(operations: readonly Operation[]): boolean {
  if (operations.some(isElement)) return operations.every(isElement) && operations.length <= MOST_TOGETHER;
  return operations.every(({ entry }) => OF_PEERS.has(entry.kind));
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
   * @param operations for which `isToldDirectly` is true; or more elements, which are then several transactions
   */
  async carryOut(operations: readonly Operation[]): Promise<Refusal[]> {
    if (operations.every(isElement)) return this.#changeElements(operations);
    const refused: Refusal[] = [];
    const writer = new BundleWriter(ROOM.route * Math.min(operations.length, TOGETHER));
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
    const answer = await this.#tell('route', writer.bundle());
    if (typeof answer === 'string') return [...refused, this.#refusal(told, answer)];
    for (const [place, reason] of answer) refused.push(this.#refusal(told.slice(place, place + 1), reason));
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
    const most = Math.min(operations.length, MOST_TOGETHER);
    const writer = new BundleWriter(ROOM.transaction + ROOM.element * most);
    for (let start = 0; start < operations.length; start += MOST_TOGETHER) {
      const some = operations.slice(start, start + MOST_TOGETHER);
      writer.clear();
      const about = writeElements(writer, some, this.#marks.nftTable);
      const answer = await this.#tell('netfilter', writer.bundle());
      if (typeof answer === 'string') refused.push(this.#refusal(some, answer));
      else
        for (const [place, reason] of answer) refused.push(this.#refusal(about[place] ?? [], reason, some));
    }
    return refused;
  }

  /** Returns what was refused; or why it is not known what became of all of it. */
  async #tell(protocol: Protocol, bundle: Bundle): Promise<ReadonlyMap<number, string> | string> {
    try {
      return await this.#netlink.change(protocol, bundle);
    } catch (error) {
      return `telling the kernel by netlink: ${messageOf(error)}`;
    }
  }

  /** @param meant otherwise: what was told at once */
  #refusal(meant: readonly Operation[], message: string, otherwise = meant): Refusal {
    const operations = meant.length > 0 ? meant : otherwise;
    const [first = ''] = wordsOf(operations.slice(0, 1), this.#marks);
    const others = operations.length > 1 ? ` # and ${operations.length - 1} more` : '';
    return { what: `${first}${others}`, message };
  }
}
