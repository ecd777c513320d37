import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageReader } from '../../src/serve/tcp-messages.ts';
import { framed } from '../kit/tcp-client.ts';

/** Feeds the chunks one after the other and gathers what comes out, copied as nothing may be kept. */
function readAll(chunks: readonly Uint8Array[]): { reader: MessageReader; messages: string[] } {
  const reader = new MessageReader();
  const messages: string[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let message = reader.next(); message !== undefined; message = reader.next()) {
      messages.push(Buffer.from(message).toString('hex'));
    }
  }
  return { reader, messages };
}

function cut(octets: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map(place => place % (octets.length + 1)), octets.length].sort((a, b) => a - b);
  return ends.map((end, index) => octets.subarray(ends[index - 1] ?? 0, end));
}

const message = fc.uint8Array({ minLength: 12, maxLength: 300 });

describe('cutting a stream into messages', () => {
  test('any chunking gives the same messages', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat()), (messages, places) => {
        const stream = Buffer.concat(messages.map(framed));
        const { reader, messages: read } = readAll(cut(stream, places));
        expect(read).toEqual(messages.map(each => Buffer.from(each).toString('hex')));
        expect(reader.incomplete).toBe(false);
        expect(reader.broken).toBe(false);
      }),
    );
  });

  test('a stream that stops inside a message gives those before it and says that one is incomplete', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 4 }),
        message,
        fc.nat(),
        fc.array(fc.nat()),
        (messages, last, kept, places) => {
          const rest = framed(last);
          const stream = Buffer.concat([
            ...messages.map(framed),
            rest.subarray(0, 1 + (kept % (rest.length - 1))),
          ]);
          const { reader, messages: read } = readAll(cut(stream, places));
          expect(read).toHaveLength(messages.length);
          expect(reader.incomplete).toBe(true);
        },
      ),
    );
  });

  test('the longest message comes through octet by octet', () => {
    const longest = Buffer.alloc(65_535, 7);
    const octets = [...framed(longest)].map(octet => Uint8Array.of(octet));
    expect(readAll(octets).messages).toEqual([longest.toString('hex')]);
  });

  test('of a message that is not whole a copy is in memory, at most twice as large as what came, and no chunk', () => {
    const reader = new MessageReader();
    const before = framed(Buffer.alloc(12, 1));
    const stream = Buffer.concat([before, framed(Buffer.alloc(60_000, 7))]);
    let from = 0;
    const held = [1, 2, 20_000, 22_000, 59_000].map(come => {
      const to = before.length + come;
      reader.push(stream.subarray(from, to));
      while (reader.next() !== undefined);
      from = to;
      return reader.held;
    });
    expect(held).toEqual([1, 2, 20_000, 40_000, 80_000]);
  });

  test.each([0, 1, 11])('a length of %i breaks the stream for good', length => {
    const good = framed(Buffer.alloc(12, 1));
    const { reader, messages } = readAll([good, Buffer.of(0), Buffer.of(length), good]);
    expect(messages).toHaveLength(1);
    expect(reader.broken).toBe(true);
  });
});
