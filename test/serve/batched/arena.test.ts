import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { Arena } from '../../../src/serve/batched/arena.ts';
import { layOut } from '../../../src/serve/batched/layout.ts';
import { loadSystemCalls } from '../../../src/serve/batched/system-calls.ts';

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanup.splice(0)) undo();
});

async function arenaOf(messages: number, sendRoom: number): Promise<Arena> {
  const calls = await loadSystemCalls();
  const memory = calls.map(Arena.lengthFor(messages, sendRoom));
  return new Arena({ calls, memory, messages, sendRoom });
}

test('no part touches another, and a guard stands on both sides of every buffer', () => {
  const { places, guards, length } = layOut(3, 512);
  const parts = places.flatMap(place => [
    ...[
      [place.received, 2048],
      [place.sent, 512],
      [place.overflow, 63_488],
    ].map(([start = 0, size = 0]) => ({ start, end: start + size })),
  ]);
  for (const { start, end } of parts) {
    expect(guards).toContain(start - 64);
    expect(guards).toContain(end);
  }
  const starts = places.flatMap(place => Object.values(place));
  expect(new Set(starts).size).toBe(starts.length);
  expect(starts.filter(start => start % 8 !== 0)).toEqual([]);
  expect(Math.max(...starts, ...guards) + 64).toBe(length);
});

test('a guard that is written to is found', async () => {
  const arena = await arenaOf(2, 512);
  expect(arena.brokenGuard()).toBeUndefined();
  const { guards, places } = layOut(2, 512);
  const behind = (places[1]?.sent ?? 0) + 512;
  arena.octets[behind] = 0;
  expect(arena.brokenGuard()).toBe(behind);
  expect(guards).toContain(behind);
});

test('what does not fit is refused before anything is written', async () => {
  const arena = await arenaOf(2, 512);
  const exchange = {
    ...{ message: arena.octets, start: 0, end: 0, client: arena.octets, clientStart: 0, clientLength: 0 },
    ...{ output: arena.octets, outputStart: 0 },
  };
  expect(() => arena.open(2, exchange)).toThrow('message 2 of 2');
  expect(() => arena.reply(513)).toThrow('a reply of 513 octets in 512');
  expect(() => arena.sendHeaders(2)).toThrow('reply 2 of 2');
  expect(arena.replyTo(new Uint8Array(53), new Uint8Array(513))).toBe(false);
  expect(arena.replies).toBe(0);
});

test('the memory before and behind an arena belongs to nobody', async () => {
  const calls = await loadSystemCalls();
  const memory = calls.map(1);
  cleanup.push(() => calls.unmap(memory));
  const page = 65_536n;
  expect(isForbidden(memory.address - page, memory.address)).toBe(true);
  expect(isForbidden(memory.address, memory.address + BigInt(memory.length))).toBe(false);
  expect(
    isForbidden(memory.address + BigInt(memory.length), memory.address + BigInt(memory.length) + page),
  ).toBe(true);
});

/** Whether nobody may read or write there, by proc_pid_maps(5); the kernel joins such ranges with their neighbours. */
function isForbidden(start: bigint, end: bigint): boolean {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .some(line => {
      const [, first = '', last = '', rights] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
      return rights === '---p' && BigInt(`0x${first}`) <= start && end <= BigInt(`0x${last}`);
    });
}
