import { hostBlock, parseBlock } from '../../../src/base/block.ts';
import { addressBytes, parseAddress } from '../../../src/base/ip.ts';
import type { Netlink } from '../../../src/kernel/netlink.ts';
import { SystemCallError } from '../../../src/ops/c-library.ts';
import { blank } from '../../../src/routes/netlink/blank.ts';
import {
  bodiesIn,
  eachAttribute,
  type Request,
  textOf,
  viewOf,
} from '../../../src/routes/netlink/message.ts';
import { NFTABLES } from '../../../src/routes/netlink/nftables.ts';
import { RTNETLINK } from '../../../src/routes/netlink/rtnetlink.ts';
import { FakeNetlinkChanges } from './fake-netlink-changes.ts';
import { type FakeNetwork, familyOf, type Route } from './fake-network.ts';
import type { FakeNft, FakeSet, FakeTable } from './fake-nft.ts';
import { type Attribute, attribute, message, uint32, zeroEnded } from './netlink-octets.ts';

const ENOENT = 2;
const ENODEV = 19;
const NLMSG_DONE = 3;
const { ROUTE, NEIGHBOUR, FAMILIES } = RTNETLINK;
const { RULE, SET, LIST, ELEMENT } = NFTABLES;
const IPV6 = FAMILIES.IPv6;

/** Lists of a network that is only values, in the octets in which the kernel tells of them and is told. */
export class FakeNetlink implements Netlink {
  readonly #network: FakeNetwork;
  readonly #nft: FakeNft;
  readonly change: Netlink['change'];
  #asked = 0;

  constructor(network: FakeNetwork, nft: FakeNft) {
    this.#network = network;
    this.#nft = nft;
    const changes = new FakeNetlinkChanges(network, nft);
    this.change = async (protocol, bundle) => changes.take(protocol, bundle);
  }

  indexOf(device: string): number {
    const found = this.#network.devices.get(device);
    if (found === undefined) throw new SystemCallError('if_nametoindex', ENODEV);
    return found.index;
  }

  async dump({ protocol, message: asked }: Request, known?: Uint8Array): Promise<Uint8Array> {
    const type = viewOf(asked).getUint16(4, true);
    const answer = this.#answers[type];
    if (answer === undefined) throw new Error(`no list is asked for by messages of type ${type}`);
    this.#asked += 1;
    const list = [...answer(asked), message(NLMSG_DONE, 0, uint32(0))];
    // Each with the number of the question, or of another one.
    for (const one of list) viewOf(one).setUint32(8, this.#asked, true);
    const octets = Uint8Array.from(Buffer.concat(list));
    blank(protocol, octets);
    return known !== undefined && Buffer.compare(known, octets) === 0 ? known : octets;
  }

  readonly #answers: Readonly<Record<number, (asked: Uint8Array) => Uint8Array[]>> = {
    [RTNETLINK.RTM_GETROUTE]: asked => this.#routes(asked),
    [RTNETLINK.RTM_GETNEIGH]: asked =>
      asked[16] === RTNETLINK.AF_BRIDGE ? this.#forwarding(asked) : this.#neighbours(asked),
    [NFTABLES.GET_SET]: asked => {
      const sets = [...this.#table(textIn(asked, NFTABLES.BODY, SET.table)).sets];
      return sets.map(([name]) => nftMessage(NFTABLES.NEW_SET, [{ type: SET.name, value: zeroEnded(name) }]));
    },
    [NFTABLES.GET_RULE]: asked => rulesOf(this.#table(textIn(asked, NFTABLES.BODY, RULE.table))),
    [NFTABLES.GET_ELEMENTS]: asked => {
      const set = this.#table(textIn(asked, NFTABLES.BODY, LIST.table)).sets.get(
        textIn(asked, NFTABLES.BODY, LIST.set),
      );
      return set === undefined ? refused() : elementsOf(set);
    },
  };

  #table(name: string): FakeTable {
    return this.#nft.told(name) ?? refused();
  }

  #routes(asked: Uint8Array): Uint8Array[] {
    const table = numberIn(asked, RTNETLINK.BODY, ROUTE.table);
    const family = asked[16] === IPV6 ? '-6' : '-4';
    const routes = this.#network.routes.filter(one => one.family === family && one.table === table);
    return routes.length === 0 ? refused() : routes.map(route => this.#route(route));
  }

  #route({ family, dst, type, protocol, onlink, ...route }: Route): Uint8Array {
    const { dev, via, source, metric, mtu, table } = route;
    const block = parseBlock(dst);
    if (block === undefined) throw new Error(`no block: ${dst}`);
    const body = new Uint8Array(RTNETLINK.BODY);
    body[0] = family === '-6' ? IPV6 : FAMILIES.IPv4;
    body[1] = block.prefix;
    body[5] = Number(protocol);
    body[7] = Number(Object.entries(RTNETLINK.TYPES).find(([, name]) => name === type)?.[0]);
    body.set(uint32(onlink ? RTNETLINK.RTNH_F_ONLINK : 0), 8);
    const other = via !== undefined && familyOf(via) !== family;
    const mtuOf = (octets: number) => attribute({ type: RTNETLINK.RTAX_MTU, value: uint32(octets) });
    return message(RTNETLINK.RTM_NEWROUTE, 0, body, [
      { type: ROUTE.table, value: uint32(table) },
      ...(block.prefix === 0 ? [] : [{ type: ROUTE.destination, value: addressBytes(bare(dst)) }]),
      ...(dev === undefined ? [] : [{ type: ROUTE.device, value: uint32(this.#network.device(dev).index) }]),
      ...(via === undefined || other ? [] : [{ type: ROUTE.gateway, value: addressBytes(via) }]),
      ...(other ? [{ type: ROUTE.via, value: Uint8Array.of(IPV6, 0, ...addressBytes(via)) }] : []),
      ...(source === undefined ? [] : [{ type: ROUTE.source, value: addressBytes(source) }]),
      ...(metric === 0 ? [] : [{ type: ROUTE.priority, value: uint32(metric) }]),
      ...(mtu === undefined ? [] : [{ type: ROUTE.metrics, value: mtuOf(mtu) }]),
    ]);
  }

  #neighbours(asked: Uint8Array): Uint8Array[] {
    const index = numberIn(asked, RTNETLINK.BODY, NEIGHBOUR.device);
    return this.#network.neighbours
      .filter(({ dev }) => this.#network.device(dev).index === index)
      .map(({ dst, mac, permanent }) => neighbour(index, permanent ? RTNETLINK.NUD_PERMANENT : 2, dst, mac));
  }

  #forwarding(asked: Uint8Array): Uint8Array[] {
    const index = viewOf(asked).getUint32(20, true);
    return this.#network.forwarding
      .filter(({ dev }) => this.#network.device(dev).index === index)
      .map(({ dst, mac }) => neighbour(index, RTNETLINK.NUD_PERMANENT, dst, mac));
  }
}

function neighbour(index: number, state: number, address: string, mac: string): Uint8Array {
  const body = new Uint8Array(RTNETLINK.BODY);
  body.set(uint32(index), 4);
  body[8] = state;
  const octets = mac.split(':').map(octet => Number.parseInt(octet, 16));
  return message(RTNETLINK.RTM_NEWNEIGH, 0, body, [
    { type: NEIGHBOUR.destination, value: addressBytes(parseAddress(address) ?? '') },
    { type: NEIGHBOUR.mac, value: Uint8Array.from(octets) },
  ]);
}

function rulesOf({ chains }: FakeTable): Uint8Array[] {
  return Array.from(chains, ([chain, rules]) =>
    rules.map(({ comment }) => {
      const text = zeroEnded(String(comment));
      const comments = comment === undefined ? [] : [NFTABLES.COMMENT, text.length, ...text];
      return nftMessage(NFTABLES.NEW_RULE, [
        { type: RULE.chain, value: zeroEnded(chain) },
        { type: RULE.comments, value: Uint8Array.from(comments) },
      ]);
    }),
  ).flat();
}

/** Each of a block's elements is its first address, and one that says where it is over. */
function elementsOf({ interval, elements }: FakeSet): Uint8Array[] {
  const listed = Array.from(elements.values(), one => {
    const { addr, len } =
      typeof one === 'string'
        ? { addr: one, len: undefined }
        : (one as { prefix: { addr: string; len: number } }).prefix;
    const block = len === undefined ? hostBlock(addr) : parseBlock(`${addr}/${len}`);
    if (block === undefined) throw new Error(`no block: ${addr}/${len}`);
    const first = addressBytes(addr);
    if (!interval) return [elementOf(first, 0)];
    const behind = block.last - block.first + 1n;
    return [elementOf(plus(first, behind), NFTABLES.IS_END), elementOf(first, 0)];
  });
  const value = Uint8Array.from(Buffer.concat(listed.flat()));
  return [nftMessage(NFTABLES.NEW_ELEMENTS, [{ type: LIST.elements, value }])];
}

function elementOf(key: Uint8Array, flags: number): Uint8Array {
  const value = attribute({ type: NFTABLES.DATA_VALUE, value: key });
  const parts = [
    attribute({ type: ELEMENT.key, value }),
    attribute({ type: ELEMENT.flags, value: Uint8Array.of(0, 0, 0, flags) }),
  ];
  return attribute({ type: 1, value: Uint8Array.from(Buffer.concat(parts)) });
}

function plus(address: Uint8Array, count: bigint): Uint8Array {
  const sum = address.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n) + count;
  const octets = address.map((_, at) => Number((sum >> BigInt(8 * (address.length - 1 - at))) & 255n));
  return octets;
}

function nftMessage(type: number, attributes: readonly Attribute[]): Uint8Array {
  return message(type, 0, Uint8Array.of(NFTABLES.INET, 0, 0, 0), attributes);
}

function bare(block: string): string {
  return block.slice(0, block.indexOf('/'));
}

function refused(): never {
  throw new SystemCallError('netlink', ENOENT);
}

function numberIn(asked: Uint8Array, body: number, type: number): number {
  return attributeIn(asked, body, type, (view, start) => view.getUint32(start, true)) ?? 0;
}

function textIn(asked: Uint8Array, body: number, type: number): string {
  return attributeIn(asked, body, type, textOf) ?? '';
}

function attributeIn<Value>(
  asked: Uint8Array,
  body: number,
  type: number,
  read: (view: DataView, start: number, end: number) => Value,
): Value | undefined {
  const view = viewOf(asked);
  let value: Value | undefined;
  for (const { start, end } of bodiesIn(view, view.getUint16(4, true)))
    eachAttribute(view, start + body, end, (kind, from, to) => {
      if (kind === type) value = read(view, from, to);
    });
  return value;
}
