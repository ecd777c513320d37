import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type NetlinkCalls, netlinkBy } from '../../src/kernel/netlink.ts';
import { SystemCallError } from '../../src/ops/c-library.ts';
import { message, uint32 } from '../../src/routes/netlink/message.ts';
import { routesRequest } from '../../src/routes/netlink/rtnetlink.ts';

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
    open: () => {
      sockets += 1;
      open.add(sockets);
      parts.set(sockets, [...(lists.shift() ?? [])]);
      return sockets;
    },
    configure: () => {},
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
