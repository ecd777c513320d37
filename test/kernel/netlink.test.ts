import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type NetlinkCalls, netlinkBy } from '../../src/kernel/netlink.ts';
import { SystemCallError } from '../../src/ops/c-library.ts';
import { BundleWriter } from '../../src/routes/netlink/bundle.ts';
import { viewOf } from '../../src/routes/netlink/message.ts';
import { routesRequest } from '../../src/routes/netlink/rtnetlink.ts';
import { message, uint32, zeroEnded } from '../kit/kernel/netlink-octets.ts';

const DONE = message(3, 0, uint32(0));
const ITEM = message(24, 0, uint32(7));
/** Others changed the list while it was made. */
const TORN = message(24, 0x10, uint32(7));
const REFUSED = message(2, 0, uint32(-2 >>> 0));
const NOTHING = new Uint8Array(0);

/** A kernel that answers with one of the lists after the other, each in its parts. */
function kernelWith(...lists: (readonly Uint8Array[])[]): {
  readonly calls: NetlinkCalls;
  readonly open: Set<number>;
} {
  const open = new Set<number>();
  const parts = new Map<number, Uint8Array[]>();
  let sockets = 0;
  const calls: NetlinkCalls = {
    indexOf: () => refuse('if_nametoindex'),
    open: () => {
      sockets += 1;
      open.add(sockets);
      parts.set(sockets, [...(lists.shift() ?? [])]);
      return sockets;
    },
    configure: () => {},
    makeRoom: () => {},
    send: async () => {},
    receive: async (socket, into) => {
      const part = parts.get(socket)?.shift() ?? NOTHING;
      into.set(part);
      return part.length;
    },
    close: socket => open.delete(socket),
  };
  return { calls, open };
}

function refuse(call: string): never {
  throw new SystemCallError(call, constants.errno.ENOBUFS);
}

const dump = (calls: NetlinkCalls): Promise<Uint8Array> => netlinkBy(calls).dump(routesRequest('IPv4', 7));

test.each([
  { row: 'in one part', lists: [[Uint8Array.of(...ITEM, ...DONE)]] },
  { row: 'in several', lists: [[ITEM, DONE]] },
  {
    row: 'again where others changed it meanwhile',
    lists: [
      [TORN, DONE],
      [ITEM, DONE],
    ],
  },
  { row: 'again where not all of it came', lists: [[ITEM, NOTHING], [ITEM], [ITEM, DONE]] },
])('a list is read $row', async ({ lists }) => {
  const { calls, open } = kernelWith(...lists);
  expect(await dump(calls)).toEqual(Uint8Array.of(...ITEM, ...DONE));
  expect(open.size).toBe(0);
});

test.each([
  { row: 'the kernel refuses it', lists: [[REFUSED]], says: 'netlink: ENOENT' },
  {
    row: 'it never is whole',
    lists: Array.from({ length: 9 }, () => [TORN, DONE]),
    says: '5 times others changed the list while it was read, or it did not come to an end',
  },
])('it fails, and no socket is left, where $row', async ({ lists, says }) => {
  const { calls, open } = kernelWith(...lists);
  await expect(dump(calls)).rejects.toThrow(says);
  expect(open.size).toBe(0);
});

test.each([
  { row: 'the kernel has no such option', some: { configure: () => refuse('setsockopt') } },
  { row: 'nothing can be sent', some: { send: async () => refuse('send') } },
  { row: 'nothing can be received', some: { receive: async () => refuse('recv') } },
])('it fails, and no socket is left, where $row', async ({ some }) => {
  const { calls, open } = kernelWith([ITEM, DONE]);
  await expect(dump({ ...calls, ...some })).rejects.toThrow('ENOBUFS');
  expect(open.size).toBe(0);
});

describe('a list that is known is the same object', () => {
  const whole = Uint8Array.of(...ITEM, ...DONE);

  test.each([
    { row: 'where it is the same', known: whole, same: true },
    { row: 'but not where it is another at its end', known: Uint8Array.of(...ITEM, ...ITEM), same: false },
    { row: 'nor where it was longer', known: Uint8Array.of(...whole, ...DONE), same: false },
    { row: 'nor where it was shorter', known: ITEM, same: false },
    { row: 'nor where it begins otherwise', known: Uint8Array.of(...DONE, ...DONE), same: false },
  ])('$row', async ({ known, same }) => {
    for (const lists of [[[ITEM, DONE]], [[whole]]]) {
      const found = await netlinkBy(kernelWith(...lists).calls).dump(routesRequest('IPv4', 7), known);
      expect(found === known).toBe(same);
      expect(found).toEqual(whole);
    }
  });
});

describe('a change', () => {
  const CHANGES = new BundleWriter(1_024);
  for (const value of [1, 2, 3]) {
    CHANGES.uint32(CHANGES.begin(24, 1, 4), value);
    CHANGES.end();
  }
  const change = (calls: NetlinkCalls, protocol: 'route' | 'netfilter' = 'route') =>
    netlinkBy(calls).change(protocol, CHANGES.bundle());

  /** Of the message of that number; @param text what the kernel says besides */
  function reply(number: number, errno: number, text?: string): Uint8Array {
    const octets = message(
      2,
      text === undefined ? 0x100 : 0x300,
      Uint8Array.of(...uint32(-errno >>> 0), ...new Uint8Array(16)),
      text === undefined ? [] : [{ type: 1, value: zeroEnded(text) }],
    );
    octets.set(uint32(number), 8);
    return octets;
  }

  test('is sent at once, numbered, and only its end has to be answered', async () => {
    const { calls, open } = kernelWith([reply(2, 0)]);
    const sent: Uint8Array[] = [];
    const refused = await change({ ...calls, send: async (_socket, octets) => void sent.push(octets) });
    expect(refused).toEqual(new Map());
    const heads = [0, 20, 40].map(at => viewOf(sent[0] ?? NOTHING).getUint32(at + 8, true));
    expect(heads).toEqual([0, 1, 2]);
    expect([6, 26, 46].map(at => sent[0]?.[at])).toEqual([1, 1, 5]);
    expect(open.size).toBe(0);
  });

  test('that is refused is told with the place of the message, and what the kernel says of it', async () => {
    const { calls } = kernelWith([
      reply(0, 17, 'Nexthop has invalid gateway'),
      Uint8Array.of(...reply(1, 100), ...reply(2, 0)),
    ]);
    expect(await change(calls)).toEqual(
      new Map([
        [0, 'Nexthop has invalid gateway (EEXIST)'],
        [1, 'network is down (ENETDOWN)'],
      ]),
    );
  });

  test('of a transaction that is refused at its beginning nothing more is waited for', async () => {
    const { calls } = kernelWith([reply(0, 1)]);
    expect([...(await change(calls, 'netfilter'))]).toEqual([[0, 'operation not permitted (EPERM)']]);
  });

  test.each([
    { row: 'than the system grants to everybody', refused: ['beyond'], asked: ['beyond', 'granted'] },
    { row: 'than sockets have anyway', refused: ['beyond', 'granted'], asked: ['beyond', 'granted'] },
    { row: 'than what is asked for', refused: [], asked: ['beyond'] },
  ])('is made where there is no more room for it $row', async ({ refused, asked }) => {
    const limits: string[] = [];
    const makeRoom: NetlinkCalls['makeRoom'] = (_socket, limit) => {
      limits.push(limit);
      if (refused.includes(limit)) refuse('setsockopt');
    };
    expect(await change({ ...kernelWith([reply(2, 0)]).calls, makeRoom })).toEqual(new Map());
    expect(limits).toEqual(asked);
  });

  test('that is never answered fails, and no socket is left', async () => {
    const { calls, open } = kernelWith([reply(0, 17)]);
    await expect(change(calls)).rejects.toThrow('recv');
    expect(open.size).toBe(0);
  });
});
