import type { AddressFamily } from '../../../src/base/ip.ts';
import type { Operation } from '../../../src/routes/diff.ts';
import type { SetName } from '../../../src/routes/entry.ts';
import { MARKS } from '../../../src/routes/model.ts';
import type { Bundle } from '../../../src/routes/netlink/bundle.ts';
import { eachAttribute, HEADER, type Protocol, textOf, viewOf } from '../../../src/routes/netlink/message.ts';
import { NFTABLES, readElements } from '../../../src/routes/netlink/nftables.ts';
import {
  RTNETLINK,
  readForwarding,
  readNeighbours,
  readRoutes,
} from '../../../src/routes/netlink/rtnetlink.ts';
import { transactionOf } from '../../../src/routes/render-nft.ts';
import { type FakeNetwork, type Family, Refused } from './fake-network.ts';
import type { FakeNft } from './fake-nft.ts';

const { RTM_NEWROUTE, RTM_NEWNEIGH, ROUTE, AF_BRIDGE, FAMILIES } = RTNETLINK;
const { NEW_ELEMENTS, DELETE_ELEMENTS, LIST } = NFTABLES;

/** Changes of a network that is only values, from the octets in which the kernel is told. */
export class FakeNetlinkChanges {
  readonly #network: FakeNetwork;
  readonly #nft: FakeNft;

  constructor(network: FakeNetwork, nft: FakeNft) {
    this.#network = network;
    this.#nft = nft;
  }

  /** Returns what was refused, by the places of the messages. */
  take(protocol: Protocol, { octets }: Bundle): Map<number, string> {
    const messages = messagesIn(octets);
    const refused = new Map<number, string>();
    const attempt = (place: number, what: () => void): void => {
      try {
        what();
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused.set(place, error.message);
      }
    };
    if (protocol === 'netfilter') attempt(0, () => this.#transact(messages));
    else for (const [place, message] of messages.entries()) attempt(place, () => this.#takeOne(message));
    return refused;
  }

  #takeOne(message: Uint8Array): void {
    const type = viewOf(message).getUint16(4, true);
    const { octets, isDelete } = asTold(message, type >= RTM_NEWNEIGH ? RTM_NEWNEIGH : RTM_NEWROUTE);
    const device = viewOf(message).getUint32(HEADER + 4, true);
    if (type < RTM_NEWNEIGH) {
      this.#takeRoute(octets, isDelete);
      return;
    }
    const dev = this.#names().get(device);
    if (dev === undefined) throw new Refused('No such device (ENODEV)');
    if (message[HEADER] === AF_BRIDGE) this.#takeForwarding(octets, isDelete, dev);
    else this.#takeNeighbour(octets, isDelete, dev);
  }

  #takeNeighbour(octets: Uint8Array, isDelete: boolean, dev: string): void {
    for (const { address: dst, mac } of readNeighbours(octets, dev)) {
      if (isDelete) this.#network.deleteNeighbour(dev, dst);
      else this.#network.replaceNeighbour({ dev, dst, mac, permanent: true });
    }
  }

  #takeForwarding(octets: Uint8Array, isDelete: boolean, dev: string): void {
    // Whoever deletes names no destination, without which it is none to those who read.
    if (isDelete) this.#network.deleteForwarding(dev, macIn(octets));
    for (const { mac, destination } of isDelete ? [] : readForwarding(octets, dev))
      this.#network.replaceForwarding({ dev, mac, dst: destination });
  }

  #takeRoute(octets: Uint8Array, isDelete: boolean): void {
    const family: AddressFamily = octets[HEADER] === FAMILIES.IPv6 ? 'IPv6' : 'IPv4';
    const table = tableIn(octets);
    for (const route of readRoutes(octets, family, this.#names())) {
      const { destination: dst, type, protocol, metric, device, via, onlink, source, mtu } = route;
      const same = { family: (family === 'IPv6' ? '-6' : '-4') as Family, table, dst, metric };
      if (isDelete) {
        this.#network.deleteRoute(same);
        continue;
      }
      this.#network.replaceRoute({
        ...{ ...same, type, protocol: `${protocol}` },
        ...(device === undefined ? {} : { dev: device }),
        ...(via === undefined ? {} : { via }),
        ...(onlink === undefined ? {} : { onlink }),
        ...(source === undefined ? {} : { source }),
        ...(mtu === undefined ? {} : { mtu }),
      });
    }
  }

  #transact(messages: readonly Uint8Array[]): void {
    const operations = messages.flatMap((message): Operation[] => {
      const type = viewOf(message).getUint16(4, true);
      if (type !== NEW_ELEMENTS && type !== DELETE_ELEMENTS) return [];
      const { octets, isDelete } = asTold(message, NEW_ELEMENTS);
      const set = textAt(octets, HEADER + NFTABLES.BODY, LIST.set) as SetName;
      const { entries, foreign } = readElements(octets, set);
      if (foreign.length > 0) throw new Error(`no blocks: ${foreign}`);
      return entries.map(entry => ({ verb: isDelete ? 'delete' : 'put', entry }));
    });
    this.#nft.transact(transactionOf(operations, MARKS));
  }

  #names(): ReadonlyMap<number, string> {
    return new Map(Array.from(this.#network.devices.values(), ({ index, name }) => [index, name]));
  }
}

function messagesIn(octets: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < octets.length; ) {
    const length = viewOf(octets).getUint32(at, true);
    messages.push(octets.slice(at, at + length));
    at += length;
  }
  return messages;
}

/** The same message as one that tells of what is there, which is what is read everywhere. */
function asTold(
  message: Uint8Array,
  type: number,
): { readonly octets: Uint8Array; readonly isDelete: boolean } {
  const octets = Uint8Array.from(message);
  const view = viewOf(octets);
  const isDelete = view.getUint16(4, true) !== type;
  view.setUint16(4, type, true);
  return { octets, isDelete };
}

function tableIn(octets: Uint8Array): number {
  let table = 0;
  const view = viewOf(octets);
  eachAttribute(view, HEADER + RTNETLINK.BODY, octets.length, (kind, from) => {
    if (kind === ROUTE.table) table = view.getUint32(from, true);
  });
  return table;
}

function macIn(octets: Uint8Array): string {
  let mac = '';
  eachAttribute(viewOf(octets), HEADER + RTNETLINK.BODY, octets.length, (kind, from, to) => {
    if (kind === RTNETLINK.NEIGHBOUR.mac) mac = Buffer.from(octets.subarray(from, to)).toString('hex');
  });
  return mac.replaceAll(/(..)(?=.)/g, '$1:');
}

function textAt(octets: Uint8Array, start: number, type: number): string {
  let text = '';
  const view = viewOf(octets);
  eachAttribute(view, start, octets.length, (kind, from, to) => {
    if (kind === type) text = textOf(view, from, to);
  });
  return text;
}
