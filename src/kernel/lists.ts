import { CausewayError, messageOf } from '../base/errors.ts';
import type { AddressFamily } from '../base/ip.ts';
import type { Entry, SetName } from '../routes/entry.ts';
import { type Found, type KeyedList, keyedBy } from '../routes/keyed.ts';
import type { Marks } from '../routes/model.ts';
import type { Request } from '../routes/netlink/message.ts';
import {
  elementsRequest,
  readElements,
  readRules,
  readSets,
  rulesRequest,
  setsRequest,
} from '../routes/netlink/nftables.ts';
import {
  forwardingRequest,
  neighboursRequest,
  readBGPRoutes,
  readForwarding,
  readNeighbours,
  readRoutes,
  routesRequest,
} from '../routes/netlink/rtnetlink.ts';
import type { Plan } from '../routes/plan.ts';
import { FORMER_SETS, SETS } from '../routes/ruleset.ts';
import type { Netlink } from './netlink.ts';

/** Names of the devices of a network by their numbers. */
export type Devices = ReadonlyMap<number, string>;

interface Read<Result> {
  readonly octets: Uint8Array;
  readonly devices: Devices | undefined;
  readonly result: Result;
}

/** What the kernel answers where there is no such table, device, set or family. */
const NOTHING = ['ENOENT', 'ENODEV', 'EAFNOSUPPORT', 'EOPNOTSUPP'];

/**
 * What there is of for every node of another cluster: routes, neighbours, forwarding entries, elements of sets. Read
 * from the kernel itself: what programs print of thousands of nodes is written, read and thrown away at each look.
 *
 * It is asked for every time; but a list that is the same octets as the last time is not read again and stays the same
 * object. At rest that is everything.
 */
export class Lists {
  readonly #netlink: Pick<Netlink, 'dump'>;
  readonly #marks: Marks;
  /** By what was asked for: as many as there are lists. */
  readonly #last = new Map<string, Read<unknown>>();
  #devices: Devices = new Map();
  #planned: Plan['entries'] = new Map();

  constructor(netlink: Pick<Netlink, 'dump'>, marks: Marks) {
    this.#netlink = netlink;
    this.#marks = marks;
  }

  /**
   * `ruleset`: absent where there is no table of ours. The lists have no key in common.
   *
   * @param planned what is there as it is planned is told as the same object
   * @throws CausewayError KERNEL_UNREADABLE
   */
  async read(
    devices: Devices,
    planned: Plan['entries'],
  ): Promise<{ readonly ruleset?: Entry; readonly lists: Found }> {
    this.#planned = planned;
    if (!sameDevices(this.#devices, devices)) this.#devices = devices;
    const { table, bgp, vxlan } = this.#marks;
    const families: readonly AddressFamily[] = ['IPv4', 'IPv6'];
    const index = [...devices].find(([, name]) => name === vxlan.device)?.[0];
    const ofDevice = (what: string, request: (index: number) => Request, read: ReadDevice) =>
      index === undefined
        ? []
        : [this.#ask(what, request(index), octets => this.#keyed(read(octets, vxlan.device)), EMPTY)];
    const [firewall, ...lists] = await Promise.all([
      this.#firewall(),
      ...families.flatMap(family => [
        this.#routes(family, table, octets => readRoutes(octets, family, this.#devices)),
        this.#routes(family, bgp.table, octets => readBGPRoutes(octets, family, this.#devices, bgp.table)),
      ]),
      ...ofDevice('the neighbours', neighboursRequest, readNeighbours),
      ...ofDevice('the forwarding entries', forwardingRequest, readForwarding),
    ]);
    return { ...firewall, lists: [...firewall.lists, ...lists] };
  }

  #routes(
    family: AddressFamily,
    table: number,
    read: (octets: Uint8Array) => Iterable<Entry>,
  ): Promise<KeyedList> {
    const what = `the ${family} routes of table ${table}`;
    return this.#ask(what, routesRequest(family, table), octets => this.#keyed(read(octets)), EMPTY);
  }

  async #firewall(): ReturnType<Lists['read']> {
    const { nftTable: table } = this.#marks;
    const names = await this.#ask('the sets of the firewall', setsRequest(table), readSets, undefined);
    if (names === undefined) return { lists: [] };
    const [rules, ...sets] = await Promise.all([
      this.#ask('the rules of the firewall', rulesRequest(table), readRules, []),
      ...names.flatMap(name => setCalled(name) ?? []).map(called => this.#elements(called)),
    ]);
    // Makes the table differ from ours, so that it is built anew.
    const others = names.filter(name => !isOurs(name)).map(name => `set ${name}`);
    const foreign = [...others, ...sets.flatMap(one => one.foreign)];
    const ruleset: Entry = { kind: 'ruleset', rules: [...rules, ...foreign].join(' ') };
    return { ruleset, lists: sets.map(({ entries }) => entries) };
  }

  #elements({
    name,
    set,
  }: CalledSet): Promise<{ readonly entries: KeyedList; readonly foreign: readonly string[] }> {
    const read = (octets: Uint8Array) => {
      const { entries, foreign } = readElements(octets, set);
      return { entries: this.#keyed(entries), foreign };
    };
    const request = elementsRequest(this.#marks.nftTable, name);
    return this.#ask(`the set ${name}`, request, read, { entries: EMPTY, foreign: [] });
  }

  #keyed(entries: Iterable<Entry>): KeyedList {
    return keyedBy(entries, key => this.#planned.get(key));
  }

  async #ask<Result, Nothing>(
    what: string,
    request: Request,
    read: (octets: Uint8Array) => Result,
    nothing: Nothing,
  ): Promise<Result | Nothing> {
    const last = this.#last.get(what) as Read<Result> | undefined;
    const octets = await this.#dump(what, request, last?.octets);
    if (octets === undefined) return nothing;
    if (last?.devices === this.#devices && last.octets === octets) return last.result;
    const result = read(octets);
    this.#last.set(what, { octets, devices: this.#devices, result });
    return result;
  }

  async #dump(
    what: string,
    request: Request,
    known: Uint8Array | undefined,
  ): Promise<Uint8Array | undefined> {
    try {
      return await this.#netlink.dump(request, known);
    } catch (error) {
      if (NOTHING.includes(Object(error).code)) return undefined;
      const message = `asking the kernel for ${what} by netlink: ${messageOf(error)}; needs Linux 4.20 and CAP_NET_ADMIN`;
      throw new CausewayError('KERNEL_UNREADABLE', message, { cause: error });
    }
  }
}

type ReadDevice = (octets: Uint8Array, device: string) => Iterable<Entry>;

const EMPTY: KeyedList = [];

/** One of our sets, and what it is called in a table that may be an earlier agent's. */
interface CalledSet {
  readonly name: string;
  readonly set: SetName;
}

function setCalled(name: string): CalledSet | undefined {
  const set = isOurs(name) ? name : FORMER_SETS.get(name);
  return set === undefined ? undefined : { name, set };
}

function isOurs(name: string): name is SetName {
  return Object.hasOwn(SETS, name);
}

function sameDevices(one: Devices, other: Devices): boolean {
  return one.size === other.size && [...one].every(([index, name]) => other.get(index) === name);
}
